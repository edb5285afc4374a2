import type { CellName } from '../cells.ts';
import { rangeError } from '../errors.ts';
import { type HeatMapPanel, heatMap } from '../plots/heat-map.ts';
import type { LayerTrace, RowTrace, Steps } from './trace.ts';

/** What of a trace is drawn. */
export interface TraceChoice {
  /** From 0. Default 0. */
  readonly row?: number | undefined;
  /** By its name. Default: all layers. */
  readonly layer?: string | undefined;
  /** Or a state, by its name: f, z, c. Default: all gates, then all states. */
  readonly gate?: string | undefined;
}

/** What the gates and states in cells.ts are for people. */
const meanings: Readonly<Record<CellName, Readonly<Record<string, string>>>> = {
  rnn: { a: 'activation', h: 'state, what it gives' },
  gru: { r: 'reset gate', z: 'update gate', n: 'candidate', h: 'state, what it gives' },
  lstm: {
    i: 'input gate: 1 writes',
    f: 'forget gate: 1 remembers, 0 throws away',
    g: 'candidate, what is written',
    o: 'output gate: 1 shows',
    h: 'working memory, what it gives',
    c: 'cell state, its memory',
  },
};

/** The gates that open and shut, from 0 to 1, where they have their usual activation. */
export const shares = ['i', 'f', 'o', 'r', 'z'];

/**
 * Draws a row of a trace: steps from left to right, with the words that were read, and units from top to bottom, a panel for each
 * gate and state. SVG.
 * @throws ERR_ARGUMENT for a row, a layer or a gate that the trace does not have
 */
export function traceChart(trace: readonly RowTrace[], { row = 0, layer, gate }: TraceChoice = {}): string {
  const shown = trace[row];
  if (!shown)
    throw rangeError('ERR_ARGUMENT', `traceChart: there is no row ${row}; there are ${trace.length}, counted from 0`);
  const chosen = chooseInside(shown.layers, { layer, gate });
  const { length } = chosen[0]!.steps;
  return heatMap({
    columns: Array.from({ length }, (_, step) => shown.tokens?.[step]?.replaceAll(' ', '␣') ?? `${step}`),
    xLabel: 'step',
    yLabel: 'unit',
    panels: chosen.map(({ of, name, steps }): HeatMapPanel => {
      const isShare = shares.includes(name) && steps.every(step => step.every(value => value >= 0 && value <= 1));
      const title = `${of.name} ${name}: ${meanings[of.cell][name]}`;
      return { title, values: steps, scale: isShare ? 'share' : 'signed' };
    }),
  });
}

/** A gate or a state of a layer. */
export interface Inside {
  readonly of: LayerTrace;
  readonly name: string;
  readonly steps: Steps;
}

/** Those that are chosen. @throws ERR_ARGUMENT where there are none */
export function chooseInside(layers: readonly LayerTrace[], { layer, gate }: Omit<TraceChoice, 'row'>): Inside[] {
  const ofLayer = layers.filter(({ name }) => layer === undefined || name === layer);
  if (ofLayer.length === 0)
    throw rangeError(
      'ERR_ARGUMENT',
      `trace: there is no recurrent layer ${layer}; there are ${layers.map(({ name }) => name).join(', ')}`,
    );
  const all = ofLayer.flatMap(of =>
    Object.entries({ ...of.gates, ...of.states }).map(([name, steps]) => ({ of, name, steps })),
  );
  const chosen = all.filter(({ name }) => gate === undefined || name === gate);
  if (chosen.length === 0)
    throw rangeError(
      'ERR_ARGUMENT',
      `trace: there is no gate or state ${gate}; there are ${[...new Set(all.map(({ name }) => name))].join(', ')}`,
    );
  return chosen;
}
