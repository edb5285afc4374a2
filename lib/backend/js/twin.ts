import type { Step } from '../../program/program.ts';
import type { NumberArray, RealArray } from '../backend.ts';

/** A buffer in one run: its elements, row-major. */
export interface View<D extends NumberArray = RealArray> {
  readonly data: D;
  readonly shape: readonly number[];
}
export type Integers = View<Int32Array>;

/** What a twin may ask of the run. */
export interface Run {
  /** Ends the run where somebody cancelled it and it may still end. For operations that take long, at every time step. */
  poll(): void;
  /** Zeroed scratch memory of the run's precision, gone when the operation returns. */
  reals(elements: number): RealArray;
  /** Zeroed scratch memory in float64, for sums. */
  doubles(elements: number): Float64Array;
  integers(elements: number): Int32Array;
  /** Runs a step of a program inside an operation; what scratch memory it takes is gone afterwards. */
  step(step: Step, views: readonly View<NumberArray>[]): void;
}

/**
 * An operation in plain TypeScript: reads inputs, writes every element of its outputs. Names are those of lib/ops.
 * It is the definition that every other implementation is measured against.
 */
export type Twin<I = never, O = never, A = never> = (inputs: I, outputs: O, attributes: A, run: Run) => void;

/** y from x. */
export type Unary<A = object> = Twin<{ x: View }, { y: View }, A>;
/** y from a and b, whose shapes broadcast. */
export type Binary = Twin<{ a: View; b: View }, { y: View }, object>;
