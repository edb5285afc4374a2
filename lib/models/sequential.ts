import { rangeError } from '../errors.ts';
import { type Flow, type LayerDescription, layerIn } from '../layers/layer.ts';
import { Model, type ModelOptions } from './model.ts';
import type { NodeDescription } from './network.ts';

/**
 * Layers one after the other, each reading what the one before gives.
 * @throws ERR_SHAPE where a layer cannot read what it is given; ERR_ARGUMENT where the input's size cannot be told
 */
export function sequential(layers: readonly LayerDescription[], options: ModelOptions = {}): Model {
  const first = layers[0];
  if (!first) throw rangeError('ERR_ARGUMENT', 'sequential: expected at least one layer');
  const counts = new Map<string, number>();
  const nodes: NodeDescription[] = [];
  for (const layer of layers) {
    const count = (counts.get(layer.type) ?? 0) + 1;
    counts.set(layer.type, count);
    const name = count === 1 ? layer.type : `${layer.type}_${count}`;
    nodes.push({ name, layer, from: [nodes.at(-1)?.name ?? 'input'] });
  }
  return new Model(
    { input: inputFlow('sequential', first, options), nodes, output: nodes.at(-1)!.name, seed: options.seed ?? 0 },
    options,
  );
}

/** What a network reads: ids before an embedding, else sequences before a recurrent layer, else one vector per row. */
export function inputFlow(name: string, first: LayerDescription, { inputSize, input }: ModelOptions): Flow {
  if (first.type === 'embedding') return { kind: 'ids', size: 1 };
  if (inputSize === undefined || !Number.isInteger(inputSize) || inputSize < 1)
    throw rangeError(
      'ERR_ARGUMENT',
      `${name}: the first layer is ${first.type}; say how many features it reads with inputSize, got ${inputSize}`,
    );
  return { kind: input ?? (readsSteps(first) ? 'sequence' : 'vector'), size: inputSize };
}

/** Whether a layer, or the one that it is a way around, is recurrent. */
function readsSteps(layer: LayerDescription): boolean {
  const { type } = layer;
  const inside = type === 'residual' || type === 'highway' ? layerIn(layer, 'layer') : undefined;
  return inside ? readsSteps(inside) : recurrent.includes(type);
}

const recurrent: readonly string[] = [
  'rnn',
  'gru',
  'lstm',
  'bidirectional',
  'cell',
  'minGru',
  'minLstm',
  'indRnn',
  'sru',
  'qrnn',
  'rgLru',
];
