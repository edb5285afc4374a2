import { packLayout } from '../../../lib/data/ragged.ts';
import { gather } from '../../../lib/ops/gather.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { matmul } from '../../../lib/ops/matmul.ts';
import { softmaxCrossEntropy } from '../../../lib/ops/softmax-cross-entropy.ts';
import { record } from '../../../lib/program/recording.ts';
import type { Computed } from '../compare.ts';
import { integers, real } from '../feeds.ts';
import type { Kind } from '../kind.ts';
import type { Config } from '../manifest.ts';
import { clipOptions, optimizerOf, optimizerOptions } from '../optimizers.ts';
import { layoutFeeds, pack } from '../ragged.ts';
import { stack, stackOptions } from '../stack.ts';
import type { Stored } from '../tensors.ts';
import { recordStep, stateStorages } from '../update.ts';
import { Weights } from '../weights.ts';

/** A whole training run of a next-symbol model: embedding, recurrent layers, linear. */
export const train: Kind = {
  buildable: {
    cell: stackOptions.cell!,
    config: stackOptions,
    optimizer: optimizerOptions,
    clip: clipOptions,
    steps: 'any',
    vocab: 'any',
  },

  async compute({ config, tensors }, backend) {
    const weights = new Weights(backend, tensors);
    const optimizer = optimizerOf(config.optimizer as Config, config.clip as Config | null);
    const program = record(
      recording => {
        const { tokens } = recording.layout('input');
        const weight = (name: string) => weights.tensor(recording, name)!;
        const x = gather(weight('embedding'), recording.feed('ids', [tokens], 'int32'));
        const { y } = stack(x, config.config as Config, {
          weight: name => weights.tensor(recording, `rnn.${name}`),
        });
        const logits = matmul(y, weight('output.weight'), { bias: weight('output.bias'), transposeB: true });
        const { loss } = softmaxCrossEntropy(logits, recording.feed('targets', [tokens], 'int32'));
        recording.check(loss);
        gradients(loss, weights.names.map(weight)).forEach((gradient, index) => {
          weights.store(recording, weights.names[index]!, gradient);
        });
        return { loss, norm: recordStep(recording, optimizer, weights) };
      },
      { mode: 'train' },
    );
    const storages = { ...weights.storages, ...stateStorages(backend, optimizer, weights) };
    const executable = backend.load(program, storages);
    const learningRate = real(backend, [optimizer.learningRate]);
    const { shape, values: ids } = tensors.get('in.ids')!;
    const [, batch, length] = shape as [number, number, number];
    const layout = packLayout(new Array(batch).fill(length - 1));
    const { sizes, values } = layoutFeeds('input', layout);
    const computed: { 'out.loss': number[]; 'out.norm': number[] } = { 'out.loss': [], 'out.norm': [] };
    for (let step = 0; step < (config.steps as number); step++) {
      const symbols = {
        shape: [batch, length],
        values: ids.subarray(step * batch * length, (step + 1) * batch * length),
      };
      const { loss, norm } = await executable.run({
        sizes,
        values: {
          ...values,
          ids: integers(pack(symbols, layout, 'batch first')),
          targets: integers(pack(withoutFirst(symbols), layout, 'batch first')),
          learningRate,
          clock: integers([step + 1, 0]),
        },
      });
      computed['out.loss'].push(loss![0]!);
      computed['out.norm'].push(norm![0]!);
    }
    return { ...computed, ...finalWeights(weights) };
  },
};

/** Every sequence without its first symbol: what has to be predicted. */
function withoutFirst({ shape, values }: Stored): Stored {
  const [batch, length] = shape as [number, number];
  return { shape: [batch, length - 1], values: values.filter((_, at) => at % length > 0) };
}

function finalWeights(weights: Weights): Computed {
  return Object.fromEntries(weights.names.map(name => [`out.${name}`, weights.read(name)]));
}
