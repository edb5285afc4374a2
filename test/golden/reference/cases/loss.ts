import { Draft } from '../draft.ts';
import {
  binaryCrossEntropy,
  type CrossEntropyConfig,
  crossEntropy,
  reduce,
  roundedError,
  squaredError,
} from '../loss.ts';
import { Value } from '../value.ts';

type Reduction = 'none' | 'mean' | 'sum';
const tolerance = { out: 1e-5, grad: 2e-5 };

export function lossCases(): Draft[] {
  return [
    classes('ce_mean', 33, 10, 'mean', { ignore_index: null, label_smoothing: 0 }),
    classes('ce_mean_ignore_weights_smoothing', 16, 6, 'mean', {
      ignore_index: 3,
      label_smoothing: 0.125,
      class_weights: true,
    }),
    classes('ce_sum_weights', 7, 5, 'sum', { ignore_index: null, label_smoothing: 0, class_weights: true }),
    classes('ce_none_ignore_smoothing', 9, 17, 'none', { ignore_index: 0, label_smoothing: 0.25 }),
    binary('bce_mean', [17], 'mean', {}),
    binary('bce_sum_weights', [5, 3], 'sum', { pos_weight: true, element_weights: true }),
    binary('bce_none_weights', [4, 9], 'none', { pos_weight: true }),
    regression('mse_mean', [4, 5], { loss: 'mse', reduction: 'mean' }, squaredError),
    regression('mse_none', [13], { loss: 'mse', reduction: 'none' }, squaredError),
    regression('l1_mean', [3, 7], { loss: 'l1', reduction: 'mean' }, (x, y) => roundedError(x, y, 0, 1)),
    regression('smooth_l1_sum', [2, 3, 4], { loss: 'smooth_l1', reduction: 'sum', beta: 1.5 }, (x, y) =>
      roundedError(x, y, 1.5, 1),
    ),
    regression('huber_none', [17], { loss: 'huber', reduction: 'none', delta: 0.75 }, (x, y) =>
      roundedError(x, y, 0.75, 0.75),
    ),
  ];
}

function classes(
  name: string,
  rows: number,
  count: number,
  reduction: Reduction,
  options: CrossEntropyConfig & { class_weights?: boolean },
): Draft {
  const { class_weights = false } = options;
  const draft = new Draft(
    `loss/${name}`,
    'loss',
    { loss: 'cross_entropy', reduction, ...options, class_weights },
    tolerance,
  );
  const logits = draft.draw('in.logits', [rows, count], 4);
  const targets = draft.drawIntegers('in.targets', [rows], count);
  const weights = class_weights
    ? draft.draw('in.class_weights', [count]).map(({ value }) => value)
    : new Array<number>(count).fill(1);
  const matrix = Array.from({ length: rows }, (_, row) => logits.slice(row * count, (row + 1) * count));
  const { losses, weight } = crossEntropy(options, matrix, targets, weights);
  return finish(draft, reduction, [rows], reduce(reduction, losses, weight), { 'in.logits': logits });
}

function binary(
  name: string,
  shape: readonly number[],
  reduction: Reduction,
  { pos_weight = false, element_weights = false }: { pos_weight?: boolean; element_weights?: boolean },
): Draft {
  const config = { loss: 'bce_with_logits', reduction, pos_weight, element_weights };
  const draft = new Draft(`loss/${name}`, 'loss', config, tolerance);
  const logits = draft.draw('in.logits', shape, 6);
  const drawn = draft.draw('in.targets', shape);
  const targets = draft.keep(
    'in.targets',
    shape,
    drawn.map(({ value }) => (value > 0.5 ? value : value > 0 ? 1 : 0)),
  );
  const last = shape.at(-1)!;
  const positive = pos_weight ? draft.draw('in.pos_weight', [last], 3) : undefined;
  const weights = element_weights ? draft.draw('in.element_weights', shape) : undefined;
  const losses = binaryCrossEntropy(
    logits,
    targets.map(({ value }) => value),
    index => positive?.[index % last]?.value ?? 1,
    index => weights?.[index]?.value ?? 1,
  );
  return finish(draft, reduction, shape, reduce(reduction, losses, losses.length), { 'in.logits': logits });
}

function regression(
  name: string,
  shape: readonly number[],
  config: { readonly loss: string; readonly reduction: Reduction; readonly beta?: number; readonly delta?: number },
  lossOf: (prediction: readonly Value[], targets: readonly number[]) => Value[],
): Draft {
  const draft = new Draft(`loss/${name}`, 'loss', config, tolerance);
  const prediction = draft.draw('in.prediction', shape, 2);
  const targets = draft.draw('in.targets', shape, 2).map(({ value }) => value);
  const losses = lossOf(prediction, targets);
  const reduced = reduce(config.reduction, losses, losses.length);
  return finish(draft, config.reduction, shape, reduced, { 'in.prediction': prediction });
}

function finish(
  draft: Draft,
  reduction: Reduction,
  shape: readonly number[],
  losses: readonly Value[],
  wanted: Readonly<Record<string, readonly Value[]>>,
): Draft {
  const up = reduction === 'none' ? draft.draw('up.loss', shape) : [new Value(1)];
  Value.backward(losses.map((of, index) => ({ of, seed: up[index]!.value })));
  draft.expect(
    'out.loss',
    reduction === 'none' ? shape : [],
    losses.map(({ value }) => value),
  );
  draft.expectGradients(wanted);
  return draft;
}
