import type { Backend, NumberArray, Results } from '../backend/backend.ts';
import type { Batch, BatchInput, BatchTargets } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { mapNamed } from '../data/map-named.ts';
import { sameLayout } from '../data/ragged.ts';
import { rangeError } from '../errors.ts';
import { layoutOf, soleInput } from '../layers/input.ts';
import type { Flow } from '../layers/layer.ts';
import type { Loss, LossTensors } from '../losses/loss.ts';
import { noTarget } from '../losses/weighted.ts';
import { add } from '../ops/add.ts';
import { scale } from '../ops/scale.ts';
import type { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Trainable } from './trainable.ts';

type Precision = Backend['precision'];

interface Bound {
  readonly sizes: Record<string, number>;
  readonly values: Record<string, NumberArray>;
}

/** A batch's inputs as the feeds that `inputFeed` records. @throws ERR_DATA where the model reads others, or of another kind */
export function bindInputs(
  { size, inputs }: Pick<Batch, 'size' | 'inputs'>,
  reads: Trainable['inputs'],
  precision: Precision,
): Bound {
  const [wanted, found] = [Object.keys(reads), Object.keys(inputs)];
  if (wanted.length !== found.length || !wanted.every(name => inputs[name]))
    throw rangeError('ERR_DATA', `the model reads the inputs ${wanted.join(', ')}, the data has ${found.join(', ')}`);
  const bound = wanted.map(name => {
    const [flow, input] = [reads[name]!, inputs[name]!];
    if (input.kind !== flow.kind || input.size !== flow.size)
      throw rangeError(
        'ERR_DATA',
        `the model reads ${describe(flow)}${name === soleInput ? '' : ` as ${name}`}, the data has ${describe(input)}`,
      );
    return bindInput(input, precision, layoutOf(name));
  });
  return {
    sizes: Object.assign({ batch: size }, ...bound.map(({ sizes }) => sizes)),
    values: Object.assign({}, ...bound.map(({ values }) => values)),
  };
}

/** The feeds of one input, by the name of its layout. */
export function bindInput(input: BatchInput, precision: Precision, layout: string): Bound {
  if (input.kind === 'vector')
    return { sizes: {}, values: { [`${layout}.features`]: toReal(input.values, precision) } };
  const { steps, tokens, offsets, order } = input.layout;
  return {
    sizes: { [`${layout}.steps`]: steps, [`${layout}.tokens`]: tokens },
    values: {
      [`${layout}.offsets`]: offsets,
      [`${layout}.order`]: order,
      ...(input.kind === 'ids'
        ? { [`${layout}.ids`]: input.values }
        : { [`${layout}.rows`]: toReal(input.values, precision) }),
    },
  };
}

/** The loss as this data asks for it: one that reads weights where targets have some. */
export function lossFor(loss: Loss, { targets, heads }: Pick<Batch | Dataset, 'targets' | 'heads'>): Loss {
  if (loss.heads)
    return {
      ...loss,
      heads: mapNamed(loss.heads, ({ loss, weight }, name) => ({
        loss: lossFor(loss, { targets: heads?.[name] }),
        weight,
      })),
    };
  return targets?.weights ? { ...loss, weighted: true } : loss;
}

/**
 * Records the model and its loss, with what layers add to it; their scalars become the program's results.
 * @throws ERR_ARGUMENT where the loss is not reduced to one number
 */
export function recordLoss(recording: Recording, model: Trainable, loss: Loss): LossTensors {
  if (loss.reduction === 'none')
    throw rangeError('ERR_ARGUMENT', `${loss.name}: with reduction 'none' there is not one loss; use 'mean' or 'sum'`);
  const measured = loss.heads ? recordHeads(recording, model, loss.heads) : recordOutput(recording, model, loss);
  const recorded = { ...measured, loss: recording.penalties.reduce(add, measured.loss) };
  for (const [name, tensor] of Object.entries(recorded)) recording.result(name, tensor);
  return recorded;
}

function recordOutput(recording: Recording, model: Trainable, loss: Loss): LossTensors {
  const logits = model.record(recording);
  return recordTargets(recording, logits, loss);
}

/** The sum by weight of the losses of heads; what each comes to becomes results of its name. */
function recordHeads(recording: Recording, model: Trainable, heads: NonNullable<Loss['heads']>): LossTensors {
  for (const name of Object.keys(heads)) headOf(model, name);
  const outputs = model.recordLayers!(recording);
  const losses = Object.entries(heads).map(([name, { loss, weight }]) => {
    const logits = outputs.get(name)!;
    const recorded = recordTargets(recording, logits, loss, `.${name}`);
    for (const [part, tensor] of Object.entries(recorded)) recording.result(`${name}.${part}`, tensor);
    return scale(recorded.loss, weight);
  });
  return { loss: losses.reduce((sum, loss) => add(sum, loss)) };
}

/** A model of which one layer is the output. @throws ERR_ARGUMENT where there is no such layer */
export function headOf({ layers }: Pick<Trainable, 'layers'>, name: string): { readonly output: Flow } {
  const output = layers?.get(name);
  if (output?.kind === 'sequence' || output?.kind === 'vector') return { output };
  throw rangeError(
    'ERR_ARGUMENT',
    `heads: the model has no layer ${name} to measure; it has ${[...(layers?.keys() ?? [])].join(', ') || 'no names for them'}`,
  );
}

/** @param suffix of the names of its feeds */
function recordTargets(recording: Recording, logits: Tensor, loss: Loss, suffix = ''): LossTensors {
  const targets = targetFeed(recording, loss, logits, `targets${suffix}`);
  const weights = loss.weighted ? recording.feed(`weights${suffix}`, logits.shape.slice(0, 1)) : undefined;
  return loss.record(logits, targets, weights);
}

/** The feed of the targets: class numbers for each row of the logits, or real numbers in their shape. */
export function targetFeed(recording: Recording, { targets }: Loss, logits: Tensor, name = 'targets'): Tensor {
  return recording.feed(name, targets === 'int32' ? logits.shape.slice(0, 1) : logits.shape, targets);
}

/** A batch's targets as the feeds that `recordLoss` records. @throws as `bindTargets` */
export function bindLoss(
  { inputs, targets, heads }: Pick<Batch, 'inputs' | 'targets' | 'heads'>,
  loss: Loss,
  model: Trainable,
  precision: Precision,
): Record<string, NumberArray> {
  if (!loss.heads) return bindTargets({ inputs, targets }, loss, model.output, precision);
  const each = Object.entries(loss.heads).map(([name, { loss }]) => {
    const targets = heads?.[name];
    if (!targets) throw rangeError('ERR_DATA', `heads: the data has no targets for ${name}`);
    const bound = bindTargets({ inputs, targets }, loss, headOf(model, name).output, precision);
    return Object.entries(bound).map(([feed, values]) => [`${feed}.${name}`, values] as const);
  });
  return Object.fromEntries(each.flat());
}

/**
 * A batch's targets as that feed, and for a weighted loss the weights of rows.
 * @throws ERR_DATA where they do not fit the loss or the model's output
 */
export function bindTargets(
  { inputs, targets }: Pick<Batch, 'inputs' | 'targets'>,
  loss: Loss,
  output: Flow,
  precision: Precision,
): { targets: NumberArray; weights?: NumberArray } {
  if (!targets) throw rangeError('ERR_DATA', `${loss.name}: the data has no targets to compare with`);
  const wanted = output.kind === 'sequence' ? 'token' : 'sequence';
  if (targets.per !== wanted)
    throw rangeError(
      'ERR_DATA',
      `${loss.name}: the model gives one output per ${wanted}, the data has one target per ${targets.per}`,
    );
  const { layout: name = soleInput } = output;
  const along = inputs[name];
  if (targets.per === 'token' && along && along.kind !== 'vector' && !sameLayout(targets.layout, along.layout))
    throw rangeError(
      'ERR_DATA',
      `${loss.name}: the model gives one output per token of ${name}, the data has targets of other lengths`,
    );
  if (loss.targets !== 'int32' && targets.size !== output.size)
    throw rangeError(
      'ERR_DATA',
      `${loss.name}: the model gives ${output.size} outputs, the data has ${targets.size} targets each`,
    );
  const values = loss.targets === 'int32' ? classes(targets, loss, output) : toReal(targets.values, precision);
  if (!loss.weighted) {
    if (targets.weights)
      throw rangeError(
        'ERR_DATA',
        `${loss.name}: this batch has weights, and those before it had none; give all of them some`,
      );
    return { targets: values };
  }
  const weights = weightsOf(targets, loss);
  const none = loss.targets === 'int32' ? output.size : noTarget;
  const { size } = targets;
  const targetOf = (value: number, at: number) => {
    if (weights[Math.floor(at / size)] === 0) return none;
    if (value === none && loss.targets === 'int32')
      throw rangeError(
        'ERR_INDEX',
        `${loss.name}: the data has the class ${value}, the model tells ${none} apart, from 0`,
      );
    return value;
  };
  return {
    targets: values.map(targetOf),
    weights: toReal(weights, precision),
  };
}

/** How much each row counts: as its weight says, and not at all where its class is ignored. */
function weightsOf({ values, size, weights }: BatchTargets, { ignore }: Loss): Float64Array {
  return Float64Array.from({ length: values.length / size }, (_, row) =>
    values[row * size] === ignore ? 0 : (weights?.[row] ?? 1),
  );
}

/** What a batch came to. */
export interface BatchLoss {
  /** The mean, whatever is differentiated. */
  readonly loss: number;
  /** What it is the mean over: the rows that count, by their weight. */
  readonly weight: number;
  /** The rows that count. */
  readonly rows: number;
  /** Rows predicted rightly, where the loss is a classifier's. */
  readonly correct: number | undefined;
  /** The same of each output, where the loss is of several. */
  readonly heads?: Readonly<Record<string, BatchLoss>>;
}

/** A batch's loss from the results that `recordLoss` named. */
export function readLoss(results: Results, batch: Batch, loss: Loss, model: Trainable): BatchLoss {
  if (!loss.heads) return readOutput(results, batch, loss, model);
  const each = Object.entries(loss.heads).map(([name, { loss }]) => {
    const of = (part: string) => results[`${name}.${part}`];
    const own = Object.fromEntries(['loss', 'total', 'correct'].flatMap(part => (of(part) ? [[part, of(part)!]] : [])));
    return [name, readOutput(own, { targets: batch.heads![name] }, loss, headOf(model, name))] as const;
  });
  const { size } = batch;
  return { loss: results.loss![0]!, weight: size, rows: size, correct: undefined, heads: Object.fromEntries(each) };
}

function readOutput(
  { loss: value, total, correct }: Results,
  batch: Pick<Batch, 'targets'>,
  loss: Loss,
  model: Pick<Trainable, 'output'>,
): BatchLoss {
  const rows = countRows(batch, loss);
  const weight = total?.[0] ?? rows;
  const terms = loss.reduction === 'sum' ? weight * answersPerRow(loss, model) : 1;
  return { loss: terms === 0 ? 0 : value![0]! / terms, weight, rows, correct: correct?.[0] };
}

function countRows({ targets }: Pick<Batch, 'targets'>, loss: Loss): number {
  const { values, size } = targets!;
  const rows = values.length / size;
  const { ignore, weighted } = loss;
  if (weighted) return weightsOf(targets!, loss).reduce((count, weight) => count + Number(weight > 0), 0);
  if (ignore === undefined) return rows;
  let ignored = 0;
  for (const target of values) if (target === ignore) ignored++;
  return rows - ignored;
}

/** Numbers that a row is measured by. */
export function answersPerRow({ targets }: Loss, { output }: Pick<Trainable, 'output'>): number {
  return targets === 'real' ? output.size : 1;
}

function classes({ values }: BatchTargets, { name }: Loss, { size }: Flow): Int32Array {
  if (!(values instanceof Int32Array))
    throw rangeError(
      'ERR_DATA',
      `${name}: targets must be class numbers from 0 to ${size - 1}, the data has real numbers`,
    );
  return values;
}

function toReal(values: NumberArray, precision: Precision): NumberArray {
  if (precision === 'float64') return values instanceof Float64Array ? values : new Float64Array(values);
  return values instanceof Float32Array ? values : new Float32Array(values);
}

function describe({ kind, size }: { readonly kind: Flow['kind']; readonly size: number }): string {
  if (kind === 'ids') return 'token ids';
  return kind === 'sequence' ? `sequences of ${size} numbers a step` : `vectors of ${size} numbers`;
}
