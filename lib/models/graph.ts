import { rangeError } from '../errors.ts';
import { type LayerDescription, oneOf } from '../layers/layer.ts';
import { type Merge, merges } from '../layers/merge.ts';
import { Model, type ModelOptions } from './model.ts';
import type { NodeDescription } from './network.ts';
import { inputFlow } from './sequential.ts';

/** A layer and the names of the layers it reads; `input` is the network's own input. */
export interface GraphNode {
  readonly layer: LayerDescription;
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
}

export interface GraphOptions extends ModelOptions {
  /** Name of the layer whose output is the model's. Default: the last one. */
  readonly output?: string;
}

/**
 * Named layers, each reading any of those listed before it.
 * @throws ERR_ARGUMENT for a source that is not listed before its reader; ERR_SHAPE where sources do not fit
 */
export function graph(layers: Readonly<Record<string, GraphNode>>, options: GraphOptions = {}): Model {
  const nodes: NodeDescription[] = [];
  for (const [name, { layer, from = nodes.at(-1)?.name ?? 'input', merge, state }] of Object.entries(layers)) {
    if (merge !== undefined) oneOf(`graph: ${name}`, { merge: [merge, merges] });
    if (name === 'input')
      throw rangeError('ERR_ARGUMENT', "graph: 'input' is the network's input; give the layer another name");
    nodes.push({
      name,
      layer,
      from: typeof from === 'string' ? [from] : from,
      ...(merge === undefined ? {} : { merge }),
      ...(state === undefined ? {} : { state }),
    });
  }
  const first = nodes.find(({ from }) => from.includes('input'));
  if (!first) throw rangeError('ERR_ARGUMENT', "graph: no layer reads 'input'");
  const output = options.output ?? nodes.at(-1)!.name;
  return new Model(
    { input: inputFlow('graph', first.layer, options), nodes, output, seed: options.seed ?? 0 },
    options,
  );
}
