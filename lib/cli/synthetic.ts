import type { NumberArray } from '../backend/backend.ts';
import { Dataset, type DatasetInput, type DatasetTargets } from '../data/dataset.ts';
import { mapNamed } from '../data/map-named.ts';
import type { Flow } from '../layers/layer.ts';
import type { Loss } from '../losses/loss.ts';
import type { Model } from '../models/model.ts';
import { Random } from '../random/random.ts';

/** Rows of these lengths that a model can be trained on, drawn at random, each time the same. */
export function syntheticData(model: Model, loss: Loss, lengths: readonly number[]): Dataset {
  const random = new Random(1);
  const inputs = mapNamed(model.inputs, input => inputOf(input, model, lengths, random));
  return new Dataset(inputs, targetsOf(model, loss, lengths, random));
}

/** So many lengths between two, evenly, the longest first. */
export function evenLengths(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, row) => Math.round(to - (row * (to - from)) / Math.max(1, count - 1)));
}

function inputOf({ kind, size }: Flow, { network }: Model, lengths: readonly number[], random: Random): DatasetInput {
  if (kind === 'ids') {
    const vocabularies = network.nodes.map(({ layer }) => layer.vocabulary ?? Number.POSITIVE_INFINITY);
    const vocabulary = Math.min(...(vocabularies as number[]));
    return { kind, size, rows: lengths.map(length => Int32Array.from({ length }, () => random.below(vocabulary))) };
  }
  if (kind === 'vector') return { kind, size, values: reals(lengths.length * size, random) };
  return { kind: 'sequence', size, rows: lengths.map(length => reals(length * size, random)) };
}

function targetsOf({ output }: Model, loss: Loss, lengths: readonly number[], random: Random): DatasetTargets {
  const classes = loss.targets === 'int32';
  const size = classes ? 1 : output.size;
  const draw = (rows: number): NumberArray =>
    classes
      ? Int32Array.from({ length: rows }, () => random.below(output.size))
      : Float32Array.from({ length: rows * size }, () => random.below(2));
  return output.kind === 'sequence'
    ? { per: 'token', size, rows: lengths.map(draw) }
    : { per: 'sequence', size, values: draw(lengths.length) };
}

function reals(length: number, random: Random): Float32Array {
  return Float32Array.from({ length }, () => random.normal());
}
