import type { NumberArray } from '../../../lib/backend/backend.ts';
import { packLayout } from '../../../lib/data/ragged.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { type Recording, record } from '../../../lib/program/recording.ts';
import type { Shape } from '../../../lib/program/shape.ts';
import type { Tensor } from '../../../lib/program/tensor.ts';
import { real } from '../feeds.ts';
import type { Kind } from '../kind.ts';
import type { GoldenCase } from '../manifest.ts';
import { layoutFeeds, type PaddedOrder, pack, unpack } from '../ragged.ts';
import { stack, stackOptions } from '../stack.ts';
import type { Stored } from '../tensors.ts';
import { Weights } from '../weights.ts';

/** A stack of recurrent layers over a padded batch. */
export const recurrent: Kind = {
  buildable: { ...stackOptions, dropout: ['between_layers', 'fixed_over_time'] },

  async compute(goldenCase, backend) {
    const { config, tensors } = goldenCase;
    const weights = new Weights(backend, tensors);
    const program = record(recording => recordCase(recording, goldenCase, weights), { mode: 'train' });

    const padded: PaddedOrder = config.batch_first === true ? 'batch first' : 'steps first';
    const [first, second] = tensors.get('in.x')!.shape as [number, number];
    const [steps, batch] = padded === 'batch first' ? [second, first] : [first, second];
    const layout = packLayout([...(tensors.get('in.lengths')?.values ?? new Float64Array(batch).fill(steps))]);
    const { sizes, values } = layoutFeeds('input', layout);
    const feeds: Record<string, NumberArray> = { ...values };
    for (const [name, stored] of tensors) {
      if (!isFed(name)) continue;
      const order = isMask(name) ? 'steps first' : padded;
      feeds[name] = real(backend, isSequence(name) ? pack(stored, layout, order) : stored.values);
    }

    const results = await backend.load(program, weights.storages).run({ sizes, values: feeds });
    return Object.fromEntries(
      Object.entries(results).map(([name, result]) => {
        const parameter = name.split('grad.param.')[1];
        if (parameter !== undefined) return [name, weights.inFileLayout(parameter, result)];
        return [name, isSequence(name) ? unpack(result, tensors.get(name)!.shape, layout, padded) : result];
      }),
    );
  },
};

/** Results are named as the tensors that the case expects. */
function recordCase(recording: Recording, { config, tensors }: GoldenCase, weights: Weights): Record<string, Tensor> {
  const { tokens } = recording.layout('input');
  const feed = (name: string): Tensor | undefined => {
    const stored = tensors.get(name);
    return stored && recording.feed(name, feedShape(name, stored, tokens));
  };
  const x = feed('in.x')!;
  const { y, hN, cN } = stack(x, config, {
    weight: name => weights.tensor(recording, name),
    h: feed('in.h0'),
    c: feed('in.c0'),
    dropout: layer => feed(`in.dropout_l${layer}`),
    maskX: layer => feed(`in.mask_x_l${layer}`),
    maskH: layer => feed(`in.mask_h_l${layer}`),
    zoneH: layer => feed(`in.zone_h_l${layer}`),
    zoneC: layer => feed(`in.zone_c_l${layer}`),
  });
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

/** Tensors that become feeds; `in.lengths` is told by the layout. */
function isFed(name: string): boolean {
  return /^(in|up)\./.test(name) && name !== 'in.lengths';
}

/** Tensors with a row for each step of each sequence. */
function isSequence(name: string): boolean {
  return /^(in|grad\.in)\.x$|^(up|out)\.y$/.test(name) || isMask(name);
}

/** Masks of every step; steps come first in them whatever `batch_first` says. */
function isMask(name: string): boolean {
  return /^in\.(dropout|zone_[hc])_/.test(name);
}

function feedShape(name: string, { shape }: Stored, tokens: string | number): Shape {
  if (isSequence(name)) return [tokens, shape[2]!];
  return shape.map((extent, axis) => (axis === shape.length - 2 ? 'batch' : extent));
}
