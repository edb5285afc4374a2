import { type CellName, cells } from '../lib/cells.ts';
import { raggedLengths } from './lengths.ts';

/**
 * One step of work, the same for every contender. Contenders in other languages get the fields as `key=value` arguments.
 *
 * - `classifier`: embedding → recurrent layers → last state → dense → binary cross-entropy; backward, update
 * - `language-model`: embedding → recurrent layers → dense at every step → softmax cross-entropy; backward, clip, update
 * - `layer`: one recurrent layer forward and backward, with the gradients of weights and bias, and of its input or not
 * - `inference`: one recurrent layer forward
 * - `stream`: one recurrent layer, one sequence, one time step, the state carried to the next step
 */
export interface Workload {
  readonly name: string;
  readonly task: 'classifier' | 'language-model' | 'layer' | 'inference' | 'stream';
  readonly cell: CellName;
  /** Of the gru: whether the reset gate acts after or before the product with the recurrent weights. */
  readonly reset: 'after' | 'before';
  readonly batch: number;
  readonly steps: number;
  /** Length of each sequence, longest first. */
  readonly lengths: readonly number[];
  /** Rows of the embedding; 0 where the input is given as vectors. */
  readonly vocabulary: number;
  /** Features that the first recurrent layer reads. */
  readonly inputSize: number;
  readonly size: number;
  readonly layers: number;
  readonly directions: 1 | 2;
  /** Of a layer: whether the gradient of its input is wanted; at the bottom of a model it is not. */
  readonly inputGradient: boolean;
  /** Outputs of the dense layer; 0 where there is none. */
  readonly classes: number;
  readonly optimizer: 'adam' | 'sgd' | 'none';
  /** Joint norm that the gradients are clipped to; 0: they are not. */
  readonly clipNorm: number;
  /** Stream through PyTorch's *Cell module, which exists for this, instead of a sequence of one step. */
  readonly cellModule: boolean;
}

const cellNames = ['LSTM', 'GRU', 'RNN'] as const;
const shapes = ['1x128x256x256', '16x128x256x256', '64x64x512x512', '128x100x128x64', '32x50x1024x1024'];
const sizes = [128, 256, 512, 1024];

const perCell = (prefix: string, variants: readonly (string | number)[]) =>
  cellNames.flatMap(cell => variants.map(variant => `${prefix}-${cell}-${variant}`));

/** Names that stand for several workloads. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  training: [...cellNames.map(cell => `W1-${cell}`), 'W2', 'W3', 'W6-packed', 'W6-padded'],
  layers: perCell('W4', shapes),
  inference: perCell('W5', shapes),
  streaming: [
    ...perCell('W5S', sizes),
    ...cellNames.slice(0, 2).flatMap(cell => sizes.map(size => `W5C-${cell}-${size}`)),
  ],
};

export const workloadNames: readonly string[] = Object.values(groups).flat();

const full = (batch: number, steps: number) => new Array<number>(batch).fill(steps);
const cellOf = (name: string | undefined) => name!.replace(/b$/, '').toLowerCase() as CellName;
const numbers = (text: string | undefined) => text!.split('x').map(Number);

/** The workload of that name, or undefined. W1, W1x, W2 and W3 take another batch and length as `-BxT`: `W2-4x8`. */
export function workload(name: string): Workload | undefined {
  const made = sentiment(name) ?? languageModel(name) ?? bidirectional(name) ?? layer(name) ?? stream(name);
  return made && { name, reset: 'after', layers: 1, directions: 1, inputGradient: true, cellModule: false, ...made };
}

type Part = Omit<Workload, 'name' | 'reset' | 'layers' | 'directions' | 'inputGradient' | 'cellModule'> &
  Partial<Workload>;

/** W1: a review classifier. W1x: the same on vectors given instead of an embedding, its gru with the reset before. */
function sentiment(name: string): Part | undefined {
  const [, kind, cell, size] = /^(W1x?)-(LSTM|GRU|RNN)(?:-(\d+x\d+))?$/.exec(name) ?? [];
  if (!kind) return undefined;
  const [batch, steps] = size ? numbers(size) : [128, 100];
  return {
    task: 'classifier',
    cell: cellOf(cell),
    reset: kind === 'W1x' ? 'before' : 'after',
    batch: batch!,
    steps: steps!,
    lengths: full(batch!, steps!),
    vocabulary: kind === 'W1x' ? 0 : 2500,
    inputSize: 128,
    size: 64,
    classes: 1,
    optimizer: 'adam',
    clipNorm: 0,
  };
}

/** W2: characters (char-rnn). W3: words (Penn Treebank, the medium model of Zaremba et al. 2014 without dropout). */
function languageModel(name: string): Part | undefined {
  const [, kind, size] = /^(W2|W3)(?:-(\d+x\d+))?$/.exec(name) ?? [];
  if (!kind) return undefined;
  const [batch, steps] = size ? numbers(size) : kind === 'W2' ? [64, 128] : [20, 35];
  const vocabulary = kind === 'W2' ? 65 : 10_000;
  return {
    task: 'language-model',
    cell: 'lstm',
    batch: batch!,
    steps: steps!,
    lengths: full(batch!, steps!),
    vocabulary,
    inputSize: kind === 'W2' ? 128 : 650,
    size: kind === 'W2' ? 256 : 650,
    layers: 2,
    classes: vocabulary,
    optimizer: kind === 'W2' ? 'adam' : 'sgd',
    clipNorm: 5,
  };
}

/** W6: two bidirectional gru layers over lengths from 100 down to 10 (packed), or all of 100 (padded). */
function bidirectional(name: string): Part | undefined {
  const [, kind] = /^W6-(packed|padded)$/.exec(name) ?? [];
  if (!kind) return undefined;
  const [batch, steps] = [64, 100];
  return {
    task: 'classifier',
    cell: 'gru',
    batch,
    steps,
    lengths:
      kind === 'padded'
        ? full(batch, steps)
        : Array.from({ length: batch }, (_, row) => Math.round(steps - (row * (steps - 10)) / (batch - 1))),
    vocabulary: 2500,
    inputSize: 100,
    size: 32,
    layers: 2,
    directions: 2,
    classes: 1,
    optimizer: 'adam',
    clipNorm: 0,
  };
}

/**
 * W4 and W5: one layer, named BxTxIxH. GRUb has its reset before the product with the recurrent weights. W4F: the first layer of
 * a model, whose input wants no gradient. W4R: ragged, the longest sequence as long as the name says.
 */
function layer(name: string): Part | undefined {
  const [, kind, cell, shape, lengths] =
    /^(W4[FR]?|W5)-(LSTM|GRUb?|RNN)-(\d+x\d+x\d+x\d+)(?:-(uniform|lognormal))?$/.exec(name) ?? [];
  if (!kind || (kind === 'W4R') !== (lengths !== undefined)) return undefined;
  const [batch, steps, inputSize, size] = numbers(shape);
  return {
    task: kind === 'W5' ? 'inference' : 'layer',
    cell: cellOf(cell),
    reset: cell === 'GRUb' ? 'before' : 'after',
    batch: batch!,
    steps: steps!,
    lengths: lengths ? raggedLengths[lengths as keyof typeof raggedLengths](batch!, steps!) : full(batch!, steps!),
    inputSize: inputSize!,
    size: size!,
    inputGradient: kind !== 'W4F',
    ...withoutHead,
  };
}

/** W5S: streaming at a hidden size. W5C: the same, with PyTorch through its *Cell modules. */
function stream(name: string): Part | undefined {
  const [, kind, cell, size] = /^(W5S|W5C)-(LSTM|GRU|RNN)-(\d+)$/.exec(name) ?? [];
  if (!kind) return undefined;
  return {
    task: 'stream',
    cell: cellOf(cell),
    batch: 1,
    steps: 1,
    lengths: [1],
    inputSize: Number(size),
    size: Number(size),
    cellModule: kind === 'W5C',
    ...withoutHead,
  };
}

const withoutHead = { vocabulary: 0, classes: 0, optimizer: 'none', clipNorm: 0 } as const;

export function tokensOf({ lengths }: Workload): number {
  return lengths.reduce((total, length) => total + length, 0);
}

/** Whether some sequence is shorter than others. */
export function isRagged(workload: Workload): boolean {
  return tokensOf(workload) < workload.batch * workload.steps;
}

/**
 * Floating-point operations that one step cannot do without, a multiplication and an addition counted as two. Backward they are
 * twice as many as forward, less the product with x's weights where nobody wants the gradient of x.
 */
export function operationsOf(workload: Workload): number {
  const { task, cell, size, inputSize, layers, directions, classes, inputGradient } = workload;
  const tokens = tokensOf(workload);
  const product = (input: number) => 2 * tokens * directions * cells[cell].gates.length * size * input;
  let forward = 0;
  for (let layer = 0; layer < layers; layer++)
    forward += product(layer === 0 ? inputSize : size * directions) + product(size);
  forward += 2 * (task === 'language-model' ? tokens : workload.batch) * size * directions * classes;
  if (task === 'inference' || task === 'stream') return forward;
  return 3 * forward - (inputGradient ? 0 : product(inputSize));
}
