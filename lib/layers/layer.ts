import { rangeError } from '../errors.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Random } from '../random/random.ts';
import type { Parameter } from './parameter.ts';

/**
 * What flows from layer to layer: token ids (int32 [tokens]), a sequence of vectors ([tokens, size]), or one vector per
 * sequence ([batch, size]). 'apart': nothing in one piece; its parts are read by their names.
 */
export interface Flow {
  readonly kind: 'ids' | 'sequence' | 'vector' | 'apart';
  /** Features; for ids, 1. */
  readonly size: number;
  /**
   * Of ids and sequences in a network: the input whose lengths they have. Layers need not say it, since each gives as many steps as
   * it reads.
   */
  readonly layout?: string;
}

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** What a recurrent layer carries from step to step: one vector per sequence. */
export interface CarriedState {
  readonly size: number;
  /** What it is before the first step; zeros where there is none. [size] */
  readonly initial?: Parameter | undefined;
  /** Whether other layers have no such state: started from all states of another layer, it starts as usual. Default false. */
  readonly peculiar?: boolean;
}

/** A layer inside a network: its parameters, what it gives, and what it records. */
export interface Layer {
  readonly parameters: readonly Parameter[];
  readonly output: Flow;
  /** Records the layer; computes nothing. @param memory of a layer that attends: [tokens, size], of a layout of its own */
  apply(x: Tensor, memory?: Tensor): Tensor;
  /** Whether it may read sequences piece by piece, going on from its states where it has some. Default false. */
  readonly cuttable?: boolean;
  /** What it gives beside its output. The layers of a graph read it as `layer.part`. */
  readonly parts?: Readonly<Record<string, Flow>>;
  /** The states that it can be started from. */
  readonly states?: Readonly<Record<string, CarriedState>>;
  /** Whether it looks at a memory at each of its steps. Default false. */
  readonly attends?: boolean;
  /** As `apply`, with the layer's parts, started from states [batch, size] where they are given. */
  applyInParts?(x: Tensor, states?: Tensors, memory?: Tensor): { readonly output: Tensor; readonly parts: Tensors };
}

/** What a layer is built with beside its description. */
export interface LayerContext {
  /** Prefix of its parameters' names. */
  readonly name: string;
  readonly input: Flow;
  /** What it may attend to: a sequence. */
  readonly memory?: Flow | undefined;
  /** A parameter of a layer before this one, by its full name. */
  find(parameter: string): Parameter | undefined;
  /** Draws initial values. */
  readonly random: Random;
  /** The model's seed, which keys dropout masks. */
  readonly seed: number;
  /** A number that no other source of dropout masks in the model has. */
  nextMask(): number;
}

/** A plain description of a layer, as its factory returns it and as a model file stores it. */
export interface LayerDescription {
  readonly type: string;
  readonly [option: string]: unknown;
}

/** The layer that stands in an option of another one, as in `bidirectional` and `residual`; undefined where there is none. */
export function layerIn(description: LayerDescription, option: string): LayerDescription | undefined {
  const value = description[option];
  return isDescription(value) ? value : undefined;
}

function isDescription(value: unknown): value is LayerDescription {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Builds one layer from its description; `layers/index.ts` gives it to layers that have others inside. */
export type Build = (description: LayerDescription, context: LayerContext) => Layer;

/** @throws ERR_SHAPE where a layer cannot read what it is given */
export function expectFlow(layer: string, { kind, size }: Flow, ...kinds: readonly Flow['kind'][]): void {
  if (kinds.includes(kind)) return;
  const advice =
    kind === 'apart'
      ? "; name one of them, as in from: 'layer.forward'"
      : kind === 'vector' && kinds.includes('sequence')
        ? `; give the layer before it output: 'sequence'`
        : '';
  throw rangeError(
    'ERR_SHAPE',
    `${layer}: gets ${describeFlow({ kind, size })}, but reads ${kinds.map(k => names[k]).join(' or ')}${advice}`,
  );
}

const names = {
  ids: 'token ids',
  sequence: 'a sequence of vectors',
  vector: 'one vector per sequence',
  apart: 'outputs kept apart',
} as const;

export function describeFlow({ kind, size }: Flow): string {
  return kind === 'ids' || kind === 'apart' ? names[kind] : `${names[kind]} of ${size} features`;
}

/** @throws ERR_ARGUMENT unless each value is a whole number of at least 1 */
export function wholeNumbers(layer: string, values: Readonly<Record<string, unknown>>): void {
  for (const [option, value] of Object.entries(values))
    if (!Number.isInteger(value) || (value as number) < 1)
      throw rangeError(
        'ERR_ARGUMENT',
        `${layer}: ${option} must be a whole number of at least 1, got ${String(value)}`,
      );
}

/** @throws ERR_ARGUMENT unless each value is in [0, 1) */
export function rates(layer: string, values: Readonly<Record<string, unknown>>): void {
  for (const [option, value] of Object.entries(values))
    if (!(typeof value === 'number' && value >= 0 && value < 1))
      throw rangeError('ERR_ARGUMENT', `${layer}: ${option} must be a number in [0, 1), got ${String(value)}`);
}

/** @throws ERR_ARGUMENT unless each value is one of those allowed */
export function oneOf(layer: string, values: Readonly<Record<string, readonly [unknown, readonly string[]]>>): void {
  for (const [option, [value, allowed]] of Object.entries(values))
    if (!allowed.includes(value as string))
      throw rangeError(
        'ERR_ARGUMENT',
        `${layer}: ${option} must be ${allowed.map(v => `'${v}'`).join(' or ')}, got ${String(value)}`,
      );
}
