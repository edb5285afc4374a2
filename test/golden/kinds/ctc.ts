import { packLayout } from '../../../lib/data/ragged.ts';
import { ctc as recordCtc } from '../../../lib/ops/ctc.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import type { Reduction } from '../../../lib/ops/reduction.ts';
import { record } from '../../../lib/program/recording.ts';
import { integers, real } from '../feeds.ts';
import type { Kind } from '../kind.ts';
import { layoutFeeds, pack, unpack } from '../ragged.ts';

/** Connectionist temporal classification of padded logits against padded targets. */
export const ctc: Kind = {
  buildable: { loss: ['ctc'], blank: 'any', reduction: ['none', 'mean', 'sum'], zero_infinity: 'any', flavour: 'any' },

  async compute({ config, tensors }, backend) {
    const logits = tensors.get('in.logits')!;
    const classes = logits.shape[2]!;
    const layout = packLayout([...tensors.get('in.input_lengths')!.values]);
    const labelLengths = integers(tensors.get('in.target_lengths')!.values);
    const labels = withoutPadding(tensors.get('in.targets')!, labelLengths);
    const up = tensors.get('up.loss');
    const program = record(recording => {
      const x = recording.feed('logits', [recording.layout('input').tokens, classes]);
      const loss = recordCtc(
        x,
        recording.feed('labels', ['labels'], 'int32'),
        recording.feed('labelLengths', ['batch'], 'int32'),
        {
          reduction: config.reduction as Reduction,
          blank: config.blank as number,
          impossible: config.zero_infinity ? 'zero' : 'infinite',
        },
      );
      const [gradient] = gradients(up ? [{ of: loss, gradient: recording.feed('up', ['batch']) }] : loss, [x]);
      return { loss, gradient: gradient! };
    });
    const { sizes, values } = layoutFeeds('input', layout);
    const { loss, gradient } = await backend.load(program, {}).run({
      sizes: { ...sizes, labels: labels.length },
      values: {
        ...values,
        logits: real(backend, pack(logits, layout, 'steps first')),
        labels,
        labelLengths,
        ...(up ? { up: real(backend, up.values) } : {}),
      },
    });
    return { 'out.loss': loss!, 'grad.in.logits': unpack(gradient!, logits.shape, layout, 'steps first') };
  },
};

/** The labels of all rows, one row after the other. */
function withoutPadding({ shape, values }: { shape: readonly number[]; values: Float64Array }, lengths: Int32Array) {
  const width = shape[1]!;
  return integers([...lengths].flatMap((length, row) => [...values.subarray(row * width, row * width + length)]));
}
