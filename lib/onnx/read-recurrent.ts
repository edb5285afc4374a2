import type { Activation } from '../activations.ts';
import { type CellName, cells } from '../cells.ts';
import { rangeError, typeError } from '../errors.ts';
import { describeShape, elementCount, sameShape } from '../program/shape.ts';
import { type OnnxNode, type OnnxTensor, onnxTypes } from './node.ts';
import { activationsOf, type RecurrentOperator, recurrentOperators } from './recurrent-operators.ts';

/** A node that has been checked: what it computes, in words of this library. */
export interface RecurrentNode {
  readonly cell: CellName;
  readonly directions: readonly ('forward' | 'backward')[];
  readonly steps: number;
  readonly batch: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** Whether the batch comes before steps in X and Y, and before directions in states. */
  readonly batchFirst: boolean;
  /** Of each sequence. */
  readonly lengths: readonly number[];
  readonly clip: number | undefined;
  /** By gate, for each direction; none where they are the usual ones. */
  readonly activations: readonly Readonly<Record<string, Activation>>[] | undefined;
  readonly linearBeforeReset: boolean;
  readonly inputForget: boolean;
  /** By the operator's own names, those that are there. */
  readonly tensors: Readonly<Record<string, OnnxTensor>>;
  /** The operator's own names of the outputs that are wanted, and the node's names. */
  readonly outputs: readonly { readonly own: string; readonly name: string }[];
}

const directions: Readonly<Record<string, RecurrentNode['directions']>> = {
  forward: ['forward'],
  reverse: ['backward'],
  bidirectional: ['forward', 'backward'],
};

/** @throws ERR_ARGUMENT, ERR_SHAPE, ERR_INDEX for what ONNX forbids */
export function readRecurrent(node: OnnxNode, given: Readonly<Record<string, OnnxTensor>>): RecurrentNode {
  const { opType } = node;
  if (!Object.hasOwn(recurrentOperators, opType))
    throw rangeError(
      'ERR_ARGUMENT',
      `onnxRecurrent: there is no recurrent operator ${opType}; there are ${Object.keys(recurrentOperators).join(', ')}`,
    );
  const operator = recurrentOperators[opType]!;
  const attributes = new Attributes(opType, node.attributes ?? {}, operator.flags);
  const tensors = tensorsOf(node, operator, given);
  const direction = attributes.choice('direction', Object.keys(directions), 'forward');
  const batchFirst = attributes.flag('layout');
  const { X, R } = tensors as Record<'X' | 'R', OnnxTensor>;
  const axes = rankOf(opType, 'X', X, 3);
  const [steps, batch] = batchFirst ? [axes[1]!, axes[0]!] : [axes[0]!, axes[1]!];
  const hiddenSize = attributes.whole('hidden_size') ?? rankOf(opType, 'R', R, 3)[2]!;
  const sizes = { D: directions[direction]!.length, G: cells[operator.cell].gates.length, H: hiddenSize, I: axes[2]! };
  checkShapes(opType, tensors, { ...sizes, B: batch, batchFirst });
  return {
    cell: operator.cell,
    directions: directions[direction]!,
    steps,
    batch,
    inputSize: sizes.I,
    hiddenSize,
    batchFirst,
    lengths: lengthsOf(opType, tensors.sequence_lens, steps, batch),
    clip: attributes.clip(),
    activations: attributes.activations(operator, sizes.D),
    linearBeforeReset: attributes.flag('linear_before_reset'),
    inputForget: attributes.flag('input_forget'),
    tensors,
    outputs: outputsOf(node, operator),
  };
}

/** Reads the attributes of a node; each method refuses what its attribute cannot be. */
class Attributes {
  private readonly operator: string;
  private readonly given: NonNullable<OnnxNode['attributes']>;

  constructor(operator: string, given: NonNullable<OnnxNode['attributes']>, flags: readonly string[]) {
    const shared = ['direction', 'layout', 'hidden_size', 'clip', 'activations', 'activation_alpha', 'activation_beta'];
    const known = [...shared, ...flags];
    const unknown = Object.keys(given).find(name => !known.includes(name));
    if (unknown !== undefined)
      throw rangeError('ERR_ARGUMENT', `${operator}: there is no attribute ${unknown}; there are ${known.join(', ')}`);
    this.operator = operator;
    this.given = given;
  }

  choice(name: string, choices: readonly string[], otherwise: string): string {
    const value = this.given[name] ?? otherwise;
    if (!choices.includes(value as string)) throw this.wrong(name, `one of ${choices.join(', ')}`);
    return value as string;
  }

  flag(name: string): boolean {
    const value = this.given[name] ?? 0;
    if (value !== 0 && value !== 1) throw this.wrong(name, '0 or 1');
    return value === 1;
  }

  whole(name: string): number | undefined {
    const value = this.given[name];
    if (value === undefined) return undefined;
    if (!Number.isInteger(value) || (value as number) < 1) throw this.wrong(name, 'a whole number of at least 1');
    return value as number;
  }

  clip(): number | undefined {
    const value = this.given.clip;
    if (value === undefined) return undefined;
    if (!(typeof value === 'number' && value > 0 && Number.isFinite(value)))
      throw this.wrong('clip', 'a positive number');
    return value;
  }

  activations({ activations, cell }: RecurrentOperator, directions: number): RecurrentNode['activations'] {
    const names = this.list('activations', 'string', 'strings') as readonly string[];
    const numbers = {
      alpha: this.list('activation_alpha', 'number', 'finite numbers') as readonly number[],
      beta: this.list('activation_beta', 'number', 'finite numbers') as readonly number[],
    };
    if (names.length === 0) return undefined;
    // The schema's own default for RNN is one too many for one direction, and so is what some exporters write.
    const isDefault = cell === 'rnn' && names.length === 2 && names.every(name => name.toLowerCase() === 'tanh');
    const expected = activations.length * directions;
    if (names.length !== expected && !isDefault)
      throw this.wrong('activations', `${expected} names, ${activations.length} for each direction`);
    const all = activationsOf(this.operator, names, numbers);
    return Array.from({ length: directions }, (_, direction) =>
      Object.fromEntries(
        activations.flatMap((gates, index) =>
          gates.map(gate => [gate, all[direction * activations.length + index]!] as const),
        ),
      ),
    );
  }

  private list(name: string, type: 'string' | 'number', what: string): readonly unknown[] {
    const value = this.given[name] ?? [];
    const fits = (one: unknown) => typeof one === type && (type === 'string' || Number.isFinite(one));
    if (!Array.isArray(value) || !value.every(fits)) throw this.wrong(name, `a list of ${what}`);
    return value;
  }

  private wrong(name: string, expected: string) {
    return rangeError(
      'ERR_ARGUMENT',
      `${this.operator}: ${name} must be ${expected}, got ${JSON.stringify(this.given[name])}`,
    );
  }
}

/** The tensors that a node reads by the operator's own names, of the types that it takes. */
function tensorsOf(
  { opType, inputs }: OnnxNode,
  operator: RecurrentOperator,
  given: Readonly<Record<string, OnnxTensor>>,
): Record<string, OnnxTensor> {
  const names = inputs ?? operator.inputs.map(own => (given[own] ? own : ''));
  const stray = inputs ? undefined : Object.keys(given).find(name => !operator.inputs.includes(name));
  if (names.length > operator.inputs.length || stray !== undefined)
    throw rangeError(
      'ERR_ARGUMENT',
      `${opType}: reads ${operator.inputs.join(', ')}, got ${stray ?? `${names.length} inputs`}`,
    );
  const tensors: Record<string, OnnxTensor> = {};
  for (const [index, own] of operator.inputs.entries()) {
    const name = names[index] ?? '';
    const tensor = Object.hasOwn(given, name) ? given[name] : undefined;
    if (name !== '' && !tensor)
      throw rangeError('ERR_ARGUMENT', `${opType}: the tensor ${name}, its ${own}, is missing`);
    if (!tensor && index < 3) throw rangeError('ERR_ARGUMENT', `${opType}: ${own} must be given`);
    if (tensor) tensors[own] = checkTensor(opType, own, tensor);
  }
  const { dtype } = tensors.X!;
  for (const [own, tensor] of Object.entries(tensors))
    if (own !== 'sequence_lens' && tensor.dtype !== dtype)
      throw typeError('ERR_ARGUMENT', `${opType}: ${own} is ${tensor.dtype} and X is ${dtype}; they must be alike`);
  return tensors;
}

function checkTensor(opType: string, own: string, tensor: OnnxTensor): OnnxTensor {
  const { shape, dtype, data } = tensor;
  const types = own === 'sequence_lens' ? ['int32'] : onnxTypes.filter(type => type !== 'int32');
  if (!types.includes(dtype))
    throw typeError('ERR_ARGUMENT', `${opType}: ${own} is ${dtype}, expected ${types.join(' or ')}`);
  if (!shape.every(extent => Number.isInteger(extent) && extent >= 0) || data.length !== elementCount(shape))
    throw rangeError(
      'ERR_SHAPE',
      `${opType}: ${own} has ${data.length} elements for the shape ${describeShape(shape)}`,
    );
  return tensor;
}

function rankOf(opType: string, own: string, { shape }: OnnxTensor, rank: number): readonly number[] {
  if (shape.length !== rank)
    throw rangeError('ERR_SHAPE', `${opType}: ${own} has shape ${describeShape(shape)}, expected ${rank} axes`);
  return shape;
}

function checkShapes(
  opType: string,
  tensors: Readonly<Record<string, OnnxTensor>>,
  { D, G, H, I, B, batchFirst }: Readonly<Record<'D' | 'G' | 'H' | 'I' | 'B', number>> & { batchFirst: boolean },
): void {
  const state = batchFirst ? [B, D, H] : [D, B, H];
  const shapes: Readonly<Record<string, readonly number[]>> = {
    W: [D, G * H, I],
    R: [D, G * H, H],
    B: [D, 2 * G * H],
    sequence_lens: [B],
    initial_h: state,
    initial_c: state,
    P: [D, 3 * H],
  };
  for (const [own, shape] of Object.entries(shapes)) {
    const tensor = tensors[own];
    if (tensor && !sameShape(tensor.shape, shape))
      throw rangeError(
        'ERR_SHAPE',
        `${opType}: ${own} has shape ${describeShape(tensor.shape)}, expected ${describeShape(shape)} for ${D} directions, hidden_size ${H}, ${I} features and a batch of ${B}`,
      );
  }
}

function lengthsOf(opType: string, given: OnnxTensor | undefined, steps: number, batch: number): number[] {
  const lengths = given ? Array.from(given.data) : new Array<number>(batch).fill(steps);
  const wrong = lengths.findIndex(length => !(Number.isInteger(length) && length >= 0 && length <= steps));
  if (wrong >= 0)
    throw rangeError('ERR_INDEX', `${opType}: sequence_lens[${wrong}] is ${lengths[wrong]}, expected 0…${steps}`);
  return lengths;
}

function outputsOf({ opType, outputs }: OnnxNode, operator: RecurrentOperator): RecurrentNode['outputs'] {
  const names = outputs ?? operator.outputs;
  if (names.length > operator.outputs.length)
    throw rangeError(
      'ERR_ARGUMENT',
      `${opType}: makes ${operator.outputs.join(', ')}, asked for ${names.length} outputs`,
    );
  return names.flatMap((name, index) => (name === '' ? [] : [{ own: operator.outputs[index]!, name }]));
}
