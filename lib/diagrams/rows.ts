import { type Flow, type LayerDescription, layerIn } from '../layers/layer.ts';
import { Cell } from '../layers/recurrent-cell.ts';
import type { Network } from '../models/network.ts';
import type { Direction } from '../ops/recurrent.ts';

/** What is drawn at one height: the input, a layer or one direction of it, or the output. */
export interface Row {
  readonly kind: 'input' | 'layer' | 'output';
  readonly name: string;
  /** What its boxes say: a type of layer, the name of a cell of one's own, or x or y. */
  readonly type: string;
  readonly gives: Flow;
  /** Has a box for each step, in place of one for all. */
  readonly stepwise: boolean;
  /** Of a recurrent layer. */
  readonly recurrence?: Recurrence;
}

export interface Recurrence {
  readonly direction: Direction;
  /** What goes from step to step, by name. */
  readonly states: readonly string[];
  /** The layers that give the states before the first step; none: zeros, or what was learned. */
  readonly startsFrom: readonly string[];
}

/** From a row's boxes to those of a higher one: at each step, or from the first or the last step alone. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly at: 'each' | 'first' | 'last';
}

/** What reads in one direction: a layer, or a half of a bidirectional one. */
interface Reader {
  readonly name: string;
  readonly layer: LayerDescription;
  readonly direction: Direction;
  /** What the names of its parts and states begin with in the layer. */
  readonly prefix: string;
}

/** The rows of a network from its inputs up to its output, and what flows between them. */
export function rowsOf({ description, inputs, nodes, flows, output }: Network): { rows: Row[]; edges: Edge[] } {
  const rows: Row[] = [];
  const edges: Edge[] = [];
  const sources = new Map<string, readonly Omit<Edge, 'to'>[]>();
  const add = (row: Row, from: readonly string[]): number => {
    const to = rows.push(row) - 1;
    edges.push(...from.flatMap(source => sources.get(source)!.map(edge => ({ ...edge, to }))));
    return to;
  };

  /** An input stands beneath what reads it first. */
  const place = (source: string) => {
    const gives = inputs[source];
    if (!gives || sources.has(source)) return;
    const stepwise = isStepwise(gives);
    const from = add({ kind: 'input', name: source, type: 'x', gives, stepwise }, []);
    sources.set(source, [{ from, at: stepwise ? 'each' : 'last' }]);
  };
  for (const { name, layer, from, memory = [], state = {}, built } of nodes) {
    const startsFrom = [...new Set(typeof state === 'string' ? [state] : Object.values(state))];
    from.concat(memory).forEach(place);
    const readers = readersOf(name, layer);
    for (const { layer, direction, prefix, ...reader } of readers) {
      const gives = flows.get(reader.name)!;
      const own = Object.keys(built.states ?? {}).filter(each => each.startsWith(prefix));
      const states = own.map(each => each.slice(prefix.length));
      const recurrence = states.length > 0 ? { recurrence: { direction, states, startsFrom } } : {};
      const stepwise = states.length > 0 || isStepwise(gives);
      const row = add(
        { kind: 'layer', name: reader.name, type: typeOf(layer), gives, stepwise, ...recurrence },
        from.concat(memory),
      );
      const end = { from: row, at: direction === 'backward' ? 'first' : 'last' } as const;
      sources.set(reader.name, [isStepwise(gives) ? { from: row, at: 'each' } : end]);
      for (const part of Object.keys(built.parts ?? {}))
        if (part.startsWith(prefix)) sources.set(`${name}.${part}`, [end]);
    }
    sources.set(
      name,
      readers.flatMap(reader => sources.get(reader.name)!),
    );
  }
  add({ kind: 'output', name: 'output', type: 'y', gives: output, stepwise: isStepwise(output) }, [description.output]);
  return { rows, edges };
}

function isStepwise({ kind }: Flow): boolean {
  return kind !== 'vector';
}

function readersOf(name: string, layer: LayerDescription): Reader[] {
  if (layer.type !== 'bidirectional') return [{ name, layer, direction: directionOf(layer), prefix: '' }];
  const forward = layerIn(layer, 'layer') ?? layer;
  const half = (direction: Direction, layer: LayerDescription) => ({
    name: `${name}.${direction}`,
    layer,
    direction,
    prefix: `${direction}.`,
  });
  return [half('forward', forward), half('backward', layerIn(layer, 'backward') ?? forward)];
}

function typeOf({ type, cell }: LayerDescription): string {
  return cell instanceof Cell ? cell.definition.name : type;
}

/** A layer around another reads as that one does. */
function directionOf(layer: LayerDescription): Direction {
  const inside = layerIn(layer, 'layer');
  if (inside) return directionOf(inside);
  return layer.direction === 'backward' ? 'backward' : 'forward';
}
