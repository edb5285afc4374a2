import { rangeError } from '../errors.ts';
import type { LayerDescription } from '../layers/layer.ts';
import { Model, type ModelOptions } from './model.ts';
import type { NodeDescription } from './network.ts';
import { inputFlow } from './sequential.ts';

/** A layer and the names of the layers it reads; `input` is the network's own input. */
export interface GraphNode {
  readonly layer: LayerDescription;
  /** Several sources stand side by side: their features are concatenated. Default: the layer listed before. */
  readonly from?: string | readonly string[];
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
  for (const [name, { layer, from = nodes.at(-1)?.name ?? 'input' }] of Object.entries(layers)) {
    if (name === 'input')
      throw rangeError('ERR_ARGUMENT', "graph: 'input' is the network's input; give the layer another name");
    nodes.push({ name, layer, from: typeof from === 'string' ? [from] : from });
  }
  const first = nodes.find(({ from }) => from.includes('input'));
  if (!first) throw rangeError('ERR_ARGUMENT', "graph: no layer reads 'input'");
  const output = options.output ?? nodes.at(-1)!.name;
  return new Model(
    { input: inputFlow('graph', first.layer, options), nodes, output, seed: options.seed ?? 0 },
    options,
  );
}
