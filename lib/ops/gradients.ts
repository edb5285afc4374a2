import { failure, rangeError } from '../errors.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { add } from './add.ts';
import { fill } from './fill.ts';

/** The gradient that arrives at a tensor from outside: ∂L/∂tensor. */
export interface Upstream {
  readonly of: Tensor;
  readonly gradient: Tensor;
}

/**
 * Records reverse-mode differentiation.
 * @param loss a scalar tensor, or several tensors with the gradients that arrive at them
 * @param wrt  the tensors to differentiate by; what the loss does not depend on gets zeros
 * @throws ERR_SHAPE where an upstream gradient does not fit; ERR_NO_GRADIENT where a path crosses an operation without one
 */
export function gradients(loss: Tensor | readonly Upstream[], wrt: readonly Tensor[]): Tensor[] {
  const upstream = Array.isArray(loss)
    ? (loss as readonly Upstream[])
    : [{ of: loss as Tensor, gradient: one(loss as Tensor) }];
  const recording = upstream[0]?.of.recording ?? wrt[0]!.recording;
  const tape = [...recording.tape];

  const depends = new Set<Tensor>(wrt);
  for (const { inputs, outputs } of tape)
    if (Object.values(inputs).some(input => depends.has(input)))
      for (const output of Object.values(outputs)) depends.add(output);

  const sums = new Map<Tensor, Tensor>();
  const arrive = (at: Tensor, gradient: Tensor, from: string) => {
    if (!sameShape(at.shape, gradient.shape))
      throw rangeError(
        'ERR_SHAPE',
        `${from}: the gradient has shape ${describeShape(gradient.shape)}, the tensor ${describeShape(at.shape)}`,
      );
    const sum = sums.get(at);
    sums.set(at, sum ? add(sum, gradient) : gradient);
  };
  for (const { of, gradient } of upstream) arrive(of, gradient, 'gradients');

  for (const { operation, inputs, attributes, outputs } of tape.reverse()) {
    if (!Object.values(outputs).some(output => depends.has(output) && sums.has(output))) continue;
    const wants = (name: string) =>
      inputs[name] !== undefined && inputs[name].dtype === 'real' && depends.has(inputs[name]);
    if (!Object.keys(inputs).some(wants)) continue;
    if (!operation.gradient)
      throw failure(
        'ERR_NO_GRADIENT',
        `${operation.name} has no gradient, but the loss depends on a parameter through it`,
      );
    const arrived = Object.fromEntries(
      Object.entries(outputs).flatMap(([name, output]) => {
        const gradient = sums.get(output);
        return gradient ? [[name, gradient]] : [];
      }),
    );
    const given = operation.gradient({ inputs, outputs, gradients: arrived, attributes, wants });
    for (const [name, gradient] of Object.entries(given))
      if (gradient && wants(name)) arrive(inputs[name]!, gradient, operation.name);
  }
  return wrt.map(tensor => sums.get(tensor) ?? fill(recording, tensor.shape, 0));
}

function one(loss: Tensor): Tensor {
  if (loss.shape.length !== 0)
    throw rangeError('ERR_SHAPE', `gradients: the loss has shape ${describeShape(loss.shape)}, expected a scalar []`);
  return fill(loss.recording, [], 1);
}
