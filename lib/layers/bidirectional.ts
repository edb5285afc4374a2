import { rangeError } from '../errors.ts';
import type { Tensor } from '../program/tensor.ts';
import type { gru } from './gru.ts';
import type { indRnn } from './ind-rnn.ts';
import { type Build, describeFlow, type Flow, type Layer, type LayerContext, oneOf, type Tensors } from './layer.ts';
import type { lstm } from './lstm.ts';
import { type Merge, merge, mergedFlow, merges } from './merge.ts';
import type { minGru } from './min-gru.ts';
import type { minLstm } from './min-lstm.ts';
import type { Parameter } from './parameter.ts';
import type { qrnn } from './qrnn.ts';
import type { CellDescription } from './recurrent-cell.ts';
import type { rgLru } from './rg-lru.ts';
import type { rnn } from './rnn.ts';
import type { sru } from './sru.ts';

type Recurrent =
  | CellDescription
  | ReturnType<
      | typeof rnn
      | typeof gru
      | typeof lstm
      | typeof minGru
      | typeof minLstm
      | typeof indRnn
      | typeof sru
      | typeof qrnn
      | typeof rgLru
    >;

export interface BidirectionalOptions {
  /**
   * How the two outputs become one: features side by side, the forward ones first, or their sum, mean or product element by
   * element. 'none' keeps them apart: layers of a graph read `layer.forward` and `layer.backward`, which they can with any merge.
   * Default 'concat'.
   */
  readonly merge?: Merge | 'none';
  /** The layer that reads from the end, with options or even a cell of its own. Default: as the first. */
  readonly backward?: Recurrent;
}

/**
 * Two recurrent layers, one reading each sequence from its start, one from its own end. With output 'last', each gives its
 * state after its own last step. Schuster & Paliwal 1997.
 */
export function bidirectional(layer: Recurrent, options: BidirectionalOptions = {}) {
  oneOf('bidirectional', { merge: [options.merge ?? 'concat', [...merges, 'none']] });
  return { type: 'bidirectional', layer, ...options } as const;
}

export class Bidirectional implements Layer {
  readonly forward: Layer;
  readonly backward: Layer;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  readonly parts: NonNullable<Layer['parts']>;
  readonly states: NonNullable<Layer['states']>;
  private readonly merge: Merge | 'none';

  constructor(
    { layer, merge = 'concat', backward = layer }: BidirectionalOptions & { readonly layer: Recurrent },
    context: LayerContext,
    build: Build,
  ) {
    const { name } = context;
    this.forward = build({ ...layer, direction: 'forward' }, { ...context, name: `${name}.forward` });
    this.backward = build({ ...backward, direction: 'backward' }, { ...context, name: `${name}.backward` });
    this.parameters = [...this.forward.parameters, ...this.backward.parameters];
    this.merge = merge;
    this.output = this.merged(name);
    this.states = ofBoth(this.forward.states!, this.backward.states!);
    this.parts = {
      forward: this.forward.output,
      backward: this.backward.output,
      ...ofBoth(this.forward.parts!, this.backward.parts!),
    };
  }

  apply(x: Tensor): Tensor {
    return this.applyInParts(x).output;
  }

  applyInParts(x: Tensor, states: Tensors = {}): { output: Tensor; parts: Tensors } {
    const forward = this.forward.applyInParts!(x, ofOne('forward', states));
    const backward = this.backward.applyInParts!(x, ofOne('backward', states));
    const outputs = { forward: forward.output, backward: backward.output };
    return {
      output: this.merge === 'none' ? forward.output : merge(Object.values(outputs), this.merge),
      parts: { ...outputs, ...ofBoth(forward.parts, backward.parts) },
    };
  }

  private merged(name: string): Flow {
    const flows = [this.forward.output, this.backward.output];
    if (this.merge === 'none') return { kind: 'apart', size: 0 };
    const flow = mergedFlow(flows, this.merge);
    if (flow) return flow;
    throw rangeError(
      'ERR_SHAPE',
      `${name}: merge '${this.merge}' cannot join ${flows.map(describeFlow).join(' and ')}; give both directions the same size and output`,
    );
  }
}

/** What both directions have, by `forward.name` and `backward.name`. */
function ofBoth<T>(forward: Readonly<Record<string, T>>, backward: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries({ forward, backward }).flatMap(([direction, values]) =>
      Object.entries(values).map(([name, value]) => [`${direction}.${name}`, value]),
    ),
  );
}

function ofOne(direction: string, states: Tensors): Tensors {
  const prefix = `${direction}.`;
  const own = Object.entries(states).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, state]) => [name.slice(prefix.length), state]));
}
