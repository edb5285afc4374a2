import { type Activation, type CompleteActivation, completeActivation } from '../activations.ts';
import { type CellName, cells } from '../cells.ts';
import { rangeError } from '../errors.ts';

/** What a cell may have beside its plain equations; all of them go together. */
export interface CellOptions {
  /** Gates by their names in cells.ts, and `c` for lstm's new cell state, whose activation is another than in the equations. */
  readonly activations?: Readonly<Partial<Record<string, Activation>>> | undefined;
  /** Bounds what enters the activation of a gate to [−clip, clip]; the gradient is 0 outside. ONNX. */
  readonly clip?: number | undefined;
  /**
   * Zoneout: each unit of h keeps this share of its old value, h ← p⊙h₋ + (1−p)⊙h, after all else. In training the share is
   * given per unit and step as `zoneH`, 0 or 1. Krueger et al. 2017.
   */
  readonly zoneoutH?: number | undefined;
}

export interface LstmCellOptions extends CellOptions {
  /** Zoneout of c, as of h; in training `zoneC`. */
  readonly zoneoutC?: number | undefined;
  /**
   * The gates that also see the cell state, in the order of the rows of the input `peepholes`: i and f see c₋, o sees c.
   * Gers & Schmidhuber 2000.
   */
  readonly peepholes?: readonly ('i' | 'f' | 'o')[] | undefined;
  /**
   * The gate that has no weights: 'f' = 1 − i (CIFG, Greff et al. 2017; ONNX input_forget), or 'i' = 1 − f. Weights have
   * the three others, in their order.
   */
  readonly coupled?: 'f' | 'i' | undefined;
  /** Bounds the new c to [−cellClip, cellClip] before anything reads it; the gradient is 0 outside. Sak et al. 2014. */
  readonly cellClip?: number | undefined;
}

/** The activations of the plain equations. */
export const plainActivations = {
  rnn: { a: 'tanh' },
  gru: { r: 'sigmoid', z: 'sigmoid', n: 'tanh' },
  lstm: { i: 'sigmoid', f: 'sigmoid', g: 'tanh', o: 'sigmoid', c: 'tanh' },
} as const satisfies Readonly<Record<CellName, Readonly<Record<string, Activation>>>>;

/** The gates that have weights, in their order. */
export function gatesOf(cell: CellName, { coupled }: { readonly coupled?: string | undefined }): readonly string[] {
  return cells[cell].gates.filter(gate => gate !== coupled);
}

/** The activations of a cell by the gates that have weights and, last, of lstm, by `c`, the new cell state. */
export function activationsOf(
  cell: CellName,
  { activations = {}, coupled }: LstmCellOptions,
): Readonly<Record<string, CompleteActivation>> {
  const whole: Readonly<Record<string, Activation | undefined>> = { ...plainActivations[cell], ...activations };
  return Object.fromEntries(
    functionsOf(cell, coupled).map(gate => [
      gate,
      completeActivation(`${cell}: the activation of ${gate}`, whole[gate]!),
    ]),
  );
}

function functionsOf(cell: CellName, coupled: string | undefined): string[] {
  return Object.keys(plainActivations[cell]).filter(gate => gate !== coupled);
}

/** Options as programs have them; `activations` is there where there is any option. */
export type CellAttributes = {
  readonly activations?: readonly string[];
  readonly alphas?: readonly number[];
  readonly betas?: readonly number[];
  readonly clip?: number;
  readonly cellClip?: number;
  readonly zoneoutH?: number;
  readonly zoneoutC?: number;
  readonly peepholes?: readonly string[];
  readonly coupled?: 'f' | 'i';
};

/**
 * @param where the operation, the cell as one or as a scan
 * @throws ERR_ARGUMENT for values that are out of range
 */
export function checkCellOptions(
  where: string,
  cell: CellName,
  { activations = {}, clip, cellClip, zoneoutH, zoneoutC, peepholes = [], coupled }: LstmCellOptions,
): void {
  const functions = functionsOf(cell, coupled);
  for (const gate of Object.keys(activations))
    if (!functions.includes(gate))
      throw rangeError(
        'ERR_ARGUMENT',
        `${where}: there is no activation of ${gate}; there are those of ${functions.join(', ')}`,
      );
  for (const [name, value] of Object.entries({ clip, cellClip }))
    if (value !== undefined && !(value > 0))
      throw rangeError('ERR_ARGUMENT', `${where}: ${name} must be greater than 0, got ${value}`);
  for (const [name, value] of Object.entries({ zoneoutH, zoneoutC }))
    if (value !== undefined && !(value >= 0 && value <= 1))
      throw rangeError('ERR_ARGUMENT', `${where}: ${name} must be within 0 and 1, got ${value}`);
  if (coupled !== undefined && !['f', 'i'].includes(coupled))
    throw rangeError('ERR_ARGUMENT', `${where}: coupled must be 'f' or 'i', got ${String(coupled)}`);
  if (peepholes.some((gate, index) => !['i', 'f', 'o'].includes(gate) || peepholes.indexOf(gate) !== index))
    throw rangeError(
      'ERR_ARGUMENT',
      `${where}: peepholes are of 'i', 'f' and 'o', each once, got ${peepholes.join(', ')}`,
    );
  if (coupled && peepholes.includes(coupled))
    throw rangeError('ERR_ARGUMENT', `${where}: the gate ${coupled} is computed from another and has no peephole`);
}

/** @throws ERR_ARGUMENT for values that are out of range */
export function cellAttributes(cell: CellName, options: LstmCellOptions, zoned: boolean): CellAttributes {
  checkCellOptions(cell, cell, options);
  const { activations, clip, cellClip, zoneoutH, zoneoutC, peepholes = [], coupled } = options;
  const given = {
    ...(clip ? { clip } : {}),
    ...(cellClip ? { cellClip } : {}),
    ...(zoneoutH ? { zoneoutH } : {}),
    ...(zoneoutC ? { zoneoutC } : {}),
    ...(peepholes.length > 0 ? { peepholes } : {}),
    ...(coupled ? { coupled } : {}),
  };
  if (Object.keys(activations ?? {}).length === 0 && !zoned && Object.keys(given).length === 0) return {};
  const functions = Object.values(activationsOf(cell, options));
  return {
    activations: functions.map(({ name }) => name),
    alphas: functions.map(({ alpha }) => alpha),
    betas: functions.map(({ beta }) => beta),
    ...given,
  };
}

/** The options that a program's attributes say. */
export function optionsIn(cell: CellName, attributes: CellAttributes): LstmCellOptions {
  const { activations, alphas, betas, peepholes, ...others } = attributes;
  const functions = functionsOf(cell, attributes.coupled).map((gate, index) => [
    gate,
    { name: activations?.[index], alpha: alphas?.[index], beta: betas?.[index] },
  ]);
  return {
    ...others,
    ...(activations ? { activations: Object.fromEntries(functions) } : {}),
    ...(peepholes ? { peepholes: peepholes as readonly ('i' | 'f' | 'o')[] } : {}),
  };
}
