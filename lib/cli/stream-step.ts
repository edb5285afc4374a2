import type { Backend, NumberArray } from '../backend/backend.ts';
import type { Batch } from '../data/batches.ts';
import type { Model } from '../models/model.ts';
import { Recording } from '../program/recording.ts';
import { bindInputs } from '../training/feeds.ts';

/** Whether a model knows what it says of a step before the next one comes. */
export function streams({ inputs, network }: Model): boolean {
  const [input, ...others] = Object.values(inputs);
  return (
    others.length === 0 &&
    input!.kind !== 'vector' &&
    network.nodes.every(({ built, memory }) => built.cuttable && !memory)
  );
}

/**
 * What a stream does for each of its steps: a synchronous call on memory that was bound before. Here all start from a state of
 * zeros, which is as much work as any other. @param batch one row of one step
 */
export function streamStep(model: Model, batch: Batch): () => void {
  const { backend } = model;
  const recording = new Recording('infer');
  recording.result('output', model.record(recording));
  const executable = backend.load(recording.finish(), { parameters: model.parameters.storage });
  const { sizes, values } = bindInputs(batch, model.inputs, backend.precision);
  const shared = Object.fromEntries(Object.entries(values).map(([name, array]) => [name, inMemoryOf(backend, array)]));
  const output = backend.allocate('real', model.output.size).array;
  const bound = executable.bind({ sizes, values: shared }, { output });
  return () => bound.run();
}

function inMemoryOf(backend: Backend, values: NumberArray): NumberArray {
  const { array } = backend.allocate(values instanceof Int32Array ? 'int32' : 'real', values.length);
  array.set(values);
  return array;
}
