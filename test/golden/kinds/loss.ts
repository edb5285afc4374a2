import type { NumberArray } from '../../../lib/backend/backend.ts';
import { huber } from '../../../lib/losses/huber.ts';
import { meanAbsoluteError } from '../../../lib/losses/mean-absolute-error.ts';
import { meanSquaredError } from '../../../lib/losses/mean-squared-error.ts';
import { smoothL1 } from '../../../lib/losses/smooth-l1.ts';
import { binaryCrossEntropy } from '../../../lib/ops/binary-cross-entropy.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import type { Reduction } from '../../../lib/ops/reduction.ts';
import { softmaxCrossEntropy } from '../../../lib/ops/softmax-cross-entropy.ts';
import { type Recording, record } from '../../../lib/program/recording.ts';
import type { Tensor } from '../../../lib/program/tensor.ts';
import { integers, real } from '../feeds.ts';
import type { Kind } from '../kind.ts';
import type { Config, GoldenCase } from '../manifest.ts';

/** The library's loss for a config of the cases. */
const regressions = {
  mse: ({ reduction }: Config) => meanSquaredError({ reduction: reduction as Reduction }),
  l1: ({ reduction }: Config) => meanAbsoluteError({ reduction: reduction as Reduction }),
  smooth_l1: ({ reduction, beta }: Config) => smoothL1({ reduction: reduction as Reduction, beta: beta as number }),
  huber: ({ reduction, delta }: Config) => huber({ reduction: reduction as Reduction, delta: delta as number }),
} as const;

/** A loss of given outputs, and its gradient by them. */
export const loss: Kind = {
  buildable: {
    loss: ['cross_entropy', 'bce_with_logits', ...Object.keys(regressions)],
    reduction: ['none', 'mean', 'sum'],
    ignore_index: 'any',
    label_smoothing: 'any',
    class_weights: 'any',
    pos_weight: 'any',
    element_weights: 'any',
    beta: 'any',
    delta: 'any',
  },

  async compute({ config, tensors }, backend) {
    const differentiated = tensors.has('in.logits') ? 'in.logits' : 'in.prediction';
    const program = record(recording => {
      const input = (name: string) => feed(recording, config, tensors, name);
      const outputs = input(differentiated)!;
      const result = recordLoss(config, outputs, input);
      const up = input('up.loss');
      const [gradient] = gradients(up ? [{ of: result, gradient: up }] : result, [outputs]);
      return { 'out.loss': result, [`grad.${differentiated}`]: gradient! };
    });
    const values: Record<string, NumberArray> = {};
    for (const [name, stored] of tensors)
      if (/^(in|up)\./.test(name))
        values[name] = isClasses(config, name) ? integers(stored.values) : real(backend, stored.values);
    return backend.load(program, {}).run({ sizes: {}, values });
  },
};

function recordLoss(config: Config, outputs: Tensor, input: (name: string) => Tensor | undefined): Tensor {
  const reduction = config.reduction as Reduction;
  const targets = input('in.targets')!;
  switch (config.loss) {
    case 'cross_entropy':
      return softmaxCrossEntropy(outputs, targets, {
        weights: input('in.class_weights'),
        reduction,
        smoothing: config.label_smoothing as number,
        ignore: (config.ignore_index as number | null) ?? undefined,
      }).loss;
    case 'bce_with_logits':
      return binaryCrossEntropy(outputs, targets, {
        positiveWeight: input('in.pos_weight'),
        weights: input('in.element_weights'),
        reduction,
      });
    default:
      return regressions[config.loss as keyof typeof regressions](config).record(outputs, targets).loss;
  }
}

function feed(recording: Recording, config: Config, tensors: GoldenCase['tensors'], name: string): Tensor | undefined {
  const stored = tensors.get(name);
  return stored && recording.feed(name, stored.shape, isClasses(config, name) ? 'int32' : 'real');
}

function isClasses(config: Config, name: string): boolean {
  return config.loss === 'cross_entropy' && name === 'in.targets';
}
