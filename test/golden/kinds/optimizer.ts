import { record } from '../../../lib/program/recording.ts';
import { integers, real } from '../feeds.ts';
import type { Kind } from '../kind.ts';
import type { Config } from '../manifest.ts';
import { clipOptions, optimizerOf, optimizerOptions } from '../optimizers.ts';
import type { Stored } from '../tensors.ts';
import { recordStep, stateStorages } from '../update.ts';
import { Weights } from '../weights.ts';

/** Some steps of an optimizer with given gradients. */
export const optimizer: Kind = {
  buildable: { ...optimizerOptions, clip: clipOptions, steps: 'any' },

  async compute({ config, tensors }, backend) {
    const names = [...tensors.keys()].filter(name => /^in\.p\d+$/.test(name)).map(name => name.slice('in.p'.length));
    const weights = new Weights(backend, new Map(names.map(name => [`param.p${name}`, tensors.get(`in.p${name}`)!])));
    const optimizer = optimizerOf(config, config.clip as Config | null);
    const program = record(
      recording => {
        for (const name of names)
          weights.store(recording, `p${name}`, recording.feed(`g${name}`, tensors.get(`in.p${name}`)!.shape));
        return { norm: recordStep(recording, optimizer, weights) };
      },
      { mode: 'train' },
    );
    const storages = { ...weights.storages, ...stateStorages(backend, optimizer, weights) };
    const executable = backend.load(program, storages);
    const learningRate = real(backend, [optimizer.learningRate]);
    const computed: Record<string, number[]> = Object.fromEntries(names.map(name => [`out.p${name}`, []]));
    const norms: number[] = [];
    for (let step = 0; step < (config.steps as number); step++) {
      const given = names.map(name => [`g${name}`, real(backend, at(tensors.get(`in.g${name}`)!, step))]);
      const values = { ...Object.fromEntries(given), learningRate, clock: integers([step + 1, 0]) };
      const { norm } = await executable.run({ sizes: {}, values });
      norms.push(norm![0]!);
      for (const name of names) computed[`out.p${name}`]!.push(...Array.from(weights.read(`p${name}`)));
    }
    return { ...computed, 'out.norm': norms };
  },
};

/** Entry of the first axis. */
function at({ shape, values }: Stored, index: number): Float64Array {
  const size = values.length / shape[0]!;
  return values.subarray(index * size, (index + 1) * size);
}
