import { rangeError } from '../errors.ts';
import { soleInput } from '../layers/input.ts';
import { type Flow, type LayerDescription, oneOf, wholeNumbers } from '../layers/layer.ts';
import { type Merge, merges } from '../layers/merge.ts';
import { Model, type ModelOptions } from './model.ts';
import type { NodeDescription } from './network.ts';
import { inputFlow } from './sequential.ts';

/** A layer and the names of the layers it reads; `input` is the network's own input, unless its `inputs` have names. */
export interface GraphNode {
  /**
   * The name of a layer before makes this the same one once more, on what it reads itself: as a network that compares two texts
   * reads both with one encoder (Bromley et al. 1993). They have their weights, and masks of dropout, in common.
   */
  readonly layer: LayerDescription | string;
  /**
   * Layers, or parts of them: of a recurrent layer the states after each sequence's last step, `lstm.h` and `lstm.c`, of a
   * bidirectional one `both.forward` and `both.backward`, its outputs, and their states, `both.forward.h`. Default: the layer
   * listed before.
   */
  readonly from?: string | readonly string[];
  /** How several sources become one: side by side, or their sum, mean or product element by element. Default 'concat'. */
  readonly merge?: Merge;
  /**
   * What a recurrent layer starts from: the final states of a layer with the same ones (`'encoder'`), or a source for each of
   * them that is not to start as usual (`{ h: 'image' }`). Default: what its option `initialState` says.
   */
  readonly state?: string | Readonly<Record<string, string>>;
  /** What a decoder looks at, such as an encoder with output 'sequence'. Its sequences may have lengths of their own. */
  readonly memory?: string;
}

/** What an input is: token ids, or sequences of vectors, or one vector per row, of so many features. */
export type GraphInput = 'ids' | { readonly kind: 'sequence' | 'vector'; readonly size: number };

export interface GraphOptions extends ModelOptions {
  /**
   * What the network reads, by name, in place of one `input`: `{ question: 'ids', image: { kind: 'vector', size: 10 } }`. The
   * sequences of each have lengths of their own.
   */
  readonly inputs?: Readonly<Record<string, GraphInput>>;
  /** Name of the layer whose output is the model's. Default: the last one. */
  readonly output?: string;
}

/**
 * Named layers, each reading any of those listed before it.
 * @throws ERR_ARGUMENT for a source that is not listed before its reader; ERR_SHAPE where sources do not fit
 */
export function graph(layers: Readonly<Record<string, GraphNode>>, options: GraphOptions = {}): Model {
  const inputs = options.inputs && readInputs(options.inputs, options);
  const names = Object.keys(inputs ?? { [soleInput]: true });
  const nodes: NodeDescription[] = [];
  for (const [name, { layer, from = nodes.at(-1)?.name ?? onlyOf(names, name), ...how }] of Object.entries(layers)) {
    const { merge, state, memory } = how;
    if (merge !== undefined) oneOf(`graph: ${name}`, { merge: [merge, merges] });
    if (names.includes(name))
      throw rangeError('ERR_ARGUMENT', `graph: '${name}' is the network's input; give the layer another name`);
    nodes.push({
      name,
      layer,
      from: typeof from === 'string' ? [from] : from,
      ...(merge === undefined ? {} : { merge }),
      ...(state === undefined ? {} : { state }),
      ...(memory === undefined ? {} : { memory }),
    });
  }
  const unread = names.find(name => !nodes.some(node => reads(node, name)));
  if (unread !== undefined) throw rangeError('ERR_ARGUMENT', `graph: no layer reads '${unread}'`);
  const output = options.output ?? nodes.at(-1)!.name;
  const rest = { nodes, output, seed: options.seed ?? 0 };
  return new Model(inputs ? { inputs, ...rest } : { input: readBy(nodes, options), ...rest }, options);
}

/** The one input, told by the first layer that reads it. */
function readBy(nodes: readonly NodeDescription[], options: GraphOptions): Flow {
  const { layer } = nodes.find(node => reads(node, soleInput))!;
  if (typeof layer === 'string')
    throw rangeError('ERR_ARGUMENT', `graph: there is no layer ${layer} before to have again`);
  return inputFlow('graph', layer, options);
}

function readInputs(inputs: NonNullable<GraphOptions['inputs']>, { input, inputSize }: GraphOptions) {
  if (input !== undefined || inputSize !== undefined)
    throw rangeError(
      'ERR_ARGUMENT',
      'graph: where inputs are named, each says what it is; leave input and inputSize out',
    );
  return Object.fromEntries(
    Object.entries(inputs).map(([name, of]): [string, Flow] => {
      const { kind, size } = of === 'ids' ? { kind: of, size: 1 } : of;
      oneOf(`graph: input ${name}`, { kind: [kind, ['ids', 'sequence', 'vector']] });
      wholeNumbers(`graph: input ${name}`, { size });
      return [name, { kind, size }];
    }),
  );
}

function reads({ from, state = {}, memory }: NodeDescription, name: string): boolean {
  return from.includes(name) || memory === name || (typeof state === 'object' && Object.values(state).includes(name));
}

/** What the first layer reads if it does not say so. */
function onlyOf(names: readonly string[], reader: string): string {
  if (names.length === 1) return names[0]!;
  throw rangeError('ERR_ARGUMENT', `graph: ${reader} comes first; say which of ${names.join(', ')} it reads`);
}
