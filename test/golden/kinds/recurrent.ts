import type { NumberArray } from '../../../lib/backend/backend.ts';
import { packLayout } from '../../../lib/data/ragged.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { type Recording, record } from '../../../lib/program/recording.ts';
import type { Shape } from '../../../lib/program/shape.ts';
import type { Tensor } from '../../../lib/program/tensor.ts';
import { real } from '../feeds.ts';
import type { Kind } from '../kind.ts';
import type { GoldenCase } from '../manifest.ts';
import { isWhole, MaskedBatch, putBackOutputs } from '../masked.ts';
import { layoutFeeds, type PaddedOrder, pack, unpack } from '../ragged.ts';
import { directionsOf, stack, stackOptions, stateOf } from '../stack.ts';
import type { Stored } from '../tensors.ts';
import { Weights } from '../weights.ts';

/** A stack of recurrent layers over a padded batch. */
export const recurrent: Kind = {
  buildable: {
    ...stackOptions,
    dropout: ['between_layers', 'fixed_over_time'],
    mask: 'any',
    padding_output: ['zero', 'hold'],
  },

  async compute(goldenCase, backend) {
    const { config, tensors } = goldenCase;
    const weights = new Weights(backend, tensors);
    const program = record(recording => recordCase(recording, goldenCase, weights), { mode: 'train' });

    const padded: PaddedOrder = config.batch_first === true ? 'batch first' : 'steps first';
    const [first, second] = tensors.get('in.x')!.shape as [number, number];
    const [steps, batch] = padded === 'batch first' ? [second, first] : [first, second];
    const mask = tensors.get('in.mask');
    const masked = mask && new MaskedBatch(mask, padded);
    const layout =
      masked?.layout ?? packLayout([...(tensors.get('in.lengths')?.values ?? new Float64Array(batch).fill(steps))]);
    const { sizes, values } = layoutFeeds('input', layout);
    const putBack = masked?.feeds(config);
    const feeds: Record<string, NumberArray> = { ...values, ...putBack?.values };
    for (const [name, stored] of tensors) {
      if (!isFed(name)) continue;
      const order = isMask(name) ? 'steps first' : padded;
      const packed = () => masked?.pack(name, stored) ?? pack(stored, layout, order);
      feeds[name] = real(backend, isSequence(name) ? packed() : stored.values);
    }

    const results = await backend
      .load(program, weights.storages)
      .run({ sizes: { ...sizes, ...putBack?.sizes }, values: feeds });
    return Object.fromEntries(
      Object.entries(results).map(([name, result]) => {
        const parameter = name.split('grad.param.')[1];
        if (parameter !== undefined) return [name, weights.inFileLayout(parameter, result)];
        if (!isSequence(name)) return [name, result];
        const { shape } = tensors.get(name)!;
        return [name, masked?.unpack(name, result, shape) ?? unpack(result, shape, layout, padded)];
      }),
    );
  },
};

/** Results are named as the tensors that the case expects. */
function recordCase(recording: Recording, { config, tensors }: GoldenCase, weights: Weights): Record<string, Tensor> {
  const { tokens } = recording.layout('input');
  const feed = (name: string): Tensor | undefined => {
    const stored = tensors.get(name);
    const rows = tensors.has('in.mask') && isWhole(name) ? 'padded' : tokens;
    return stored && recording.feed(name, feedShape(name, stored, rows));
  };
  const x = feed('in.x')!;
  const h = feed('in.h0');
  const {
    y: counted,
    hN,
    cN,
  } = stack(x, config, {
    weight: name => weights.tensor(recording, name),
    h,
    c: feed('in.c0'),
    dropout: layer => feed(`in.dropout_l${layer}`),
    maskX: layer => feed(`in.mask_x_l${layer}`),
    maskH: layer => feed(`in.mask_h_l${layer}`),
    zoneH: layer => feed(`in.zone_h_l${layer}`),
    zoneC: layer => feed(`in.zone_c_l${layer}`),
  });
  const ofLast = (direction: number) =>
    h && stateOf(h, (h.shape[0] as number) - directionsOf(config).length + direction);
  const y = tensors.has('in.mask') ? putBackOutputs(counted, config, ofLast) : counted;
  const outputs: Record<string, Tensor> = { y, h_n: hN, ...(cN ? { c_n: cN } : {}) };
  const arriving = Object.entries(outputs).flatMap(([name, of]) => {
    const gradient = feed(`up.${name}`);
    return gradient ? [{ of, gradient }] : [];
  });
  const results = Object.fromEntries(Object.entries(outputs).map(([name, output]) => [`out.${name}`, output]));
  const wanted = [...tensors.keys()].filter(name => name.startsWith('grad.'));
  if (wanted.length === 0) return results;
  const by = wanted.map(name => {
    const source = name.slice('grad.'.length);
    return source.startsWith('in.') ? feed(source)! : weights.tensor(recording, source.slice('param.'.length))!;
  });
  gradients(arriving, by).forEach((gradient, index) => {
    results[wanted[index]!] = gradient;
  });
  return results;
}

/** Tensors that become feeds; `in.lengths` and `in.mask` are told by the layout. */
function isFed(name: string): boolean {
  return /^(in|up)\./.test(name) && name !== 'in.lengths' && name !== 'in.mask';
}

/** Tensors with a row for each step of each sequence. */
function isSequence(name: string): boolean {
  return /^(in|grad\.in)\.x$|^(up|out)\.y$/.test(name) || isMask(name);
}

/** Masks of every step; steps come first in them whatever `batch_first` says. */
function isMask(name: string): boolean {
  return /^in\.(dropout|zone_[hc])_/.test(name);
}

function feedShape(name: string, { shape }: Stored, rows: string | number): Shape {
  if (isSequence(name)) return [rows, shape[2]!];
  return shape.map((extent, axis) => (axis === shape.length - 2 ? 'batch' : extent));
}
