import type { ActivationName } from '../../activations.ts';
import { activationDefinitions } from './activation.ts';
import type { Direction } from './carried.ts';

/** Options of a cell as programs have them. */
export interface OptionAttributes {
  readonly direction: Direction;
  /** Of the gates that have weights and, of lstm, of the new cell state. There where the cell has any option. */
  readonly activations?: readonly ActivationName[];
  readonly alphas?: readonly number[];
  readonly betas?: readonly number[];
  readonly clip?: number;
  readonly zoneoutH?: number;
}

/** A function of one number. */
export interface GateFunction {
  value(x: number): number;
  /** What arrives at x where d arrives at its value. */
  backward(x: number, d: number): number;
}

/** y = f(clip(x)), the gradient being 0 where |x| > clip. */
function clipped(name: ActivationName, alpha: number, beta: number, clip: number): GateFunction {
  const { value, slope } = activationDefinitions[name];
  const bounded = (x: number) => Math.min(Math.max(x, -clip), clip);
  return {
    value: x => value(bounded(x), alpha, beta),
    backward: (x, d) => (Math.abs(x) > clip ? 0 : d * slope(bounded(x), alpha, beta)),
  };
}

/** The functions of the gates that have weights, and behind them that of the new cell state. */
export function gateFunctions(
  { activations, alphas, betas, clip = Infinity }: OptionAttributes,
  gates: number,
): GateFunction[] {
  return activations!.map((name, index) =>
    clipped(name, alphas![index]!, betas![index]!, index < gates ? clip : Infinity),
  );
}

/** p·old + (1−p)·fresh */
export function zoneOut(share: number, old: number, fresh: number): number {
  return share * old + (1 - share) * fresh;
}
