import type { Attributes } from './program.ts';
import type { Recording } from './recording.ts';
import type { DType, Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

export type OutputSpec = { shape: Shape; dtype?: DType };

/** What a gradient rule sees. `wants(name)` tells whether anybody needs the gradient of that input. */
export interface GradientContext<I, O extends string, A> {
  readonly inputs: I;
  readonly outputs: Readonly<Record<O, Tensor>>;
  /** Gradient of the loss by each output; absent where none arrives. */
  readonly gradients: Readonly<Partial<Record<O, Tensor>>>;
  readonly attributes: A;
  wants(name: keyof I & string): boolean;
}

/** An operation as the tape keeps it. */
export interface Operation {
  readonly name: string;
  readonly gradient?: (
    context: GradientContext<Record<string, Tensor>, string, Attributes>,
  ) => Readonly<Record<string, Tensor | undefined>>;
}

interface Definition<I extends object, O extends string, A extends object> {
  /** Names and shapes of the outputs; throws where the inputs do not fit. */
  readonly shape: (inputs: I, attributes: A) => Readonly<Partial<Record<O, OutputSpec>>>;
  /** Gradients of the inputs in terms of operations; only the wanted ones need be there. */
  readonly gradient?: (
    context: GradientContext<I, O, A>,
  ) => Readonly<Partial<Record<keyof I & string, Tensor | undefined>>>;
}

/** Defines an operation: the function it returns checks shapes and records the step. */
export function operation<I extends object, O extends string, A extends object = Record<never, never>>(
  name: string,
  { shape, gradient }: Definition<I, O, A>,
): (inputs: I, attributes: A) => Record<O, Tensor> {
  const recorded: Operation = {
    name,
    // The tape holds operations of every kind and calls a rule with just what was recorded for it.
    ...(gradient ? { gradient: context => gradient(context as GradientContext<I, O, A>) } : {}),
  };
  return (inputs, attributes) => {
    const present = Object.fromEntries(Object.entries(inputs).filter(([, tensor]) => tensor !== undefined)) as Record<
      string,
      Tensor
    >;
    const given = Object.fromEntries(
      Object.entries(attributes).filter(([, value]) => value !== undefined),
    ) as Attributes;
    const outputs = shape(inputs, attributes) as Readonly<Record<string, OutputSpec>>;
    return innermost(Object.values(present)).append(recorded, present, given, outputs) as Record<O, Tensor>;
  };
}

/** Of a step's body and what is around it the body: there an operation on tensors of both belongs. */
function innermost(tensors: readonly Tensor[]): Recording {
  return tensors
    .map(({ recording }) => recording)
    .reduce((deepest, other) => (other.isWithin(deepest) ? other : deepest));
}
