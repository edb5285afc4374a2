import type { RealArray } from '../backend.ts';

/** What cells with options read beside, of the rows of a step. */
interface Beside {
  /** [gates that see the cell state, H] */
  readonly peepholes?: RealArray | undefined;
  /** [rows, H]: the share of the old state that stays */
  readonly zoneH?: RealArray | undefined;
  readonly zoneC?: RealArray | undefined;
}

/**
 * One time step of the sequences alive at it; row r belongs to rank r. Pre-activations and gates have `blocks`·H columns,
 * states H.
 */
export interface Step extends Beside {
  readonly rows: number;
  readonly size: number;
  /** In the pre-activations, out what backward sees again. */
  readonly a: Float64Array;
  /** States: in those one step earlier, out the new ones. c is empty for cells without a cell state. */
  readonly h: RealArray;
  readonly c: RealArray;
}

/** One time step of BPTT. */
export interface BackwardStep extends Beside {
  readonly rows: number;
  readonly size: number;
  /** In what forward left there, out ∂L/∂a. */
  readonly a: Float64Array;
  /** The step's new states and those before it. */
  readonly h: RealArray;
  readonly c: RealArray;
  readonly hPrevious: RealArray;
  readonly cPrevious: RealArray;
  /** In ∂L/∂h and ∂L/∂c; out what flows to the states before, without the part that goes through the product with R. */
  readonly dh: Float64Array;
  readonly dc: Float64Array;
  /** Sums of the gradients of `peepholes`. */
  readonly dPeepholes: Float64Array;
}

/** What a cell does besides its matrix products. */
export interface Cell<A> {
  /** Blocks of H columns in a row of pre-activations: gate k of x·W goes to block k, of h₋·R to recurrentBlocks[k]. */
  readonly blocks: number;
  readonly recurrentBlocks: readonly number[];
  forward(step: Step, attributes: A): void;
  backward(step: BackwardStep, attributes: A): void;
  readonly reset?: Reset<A>;
}

/** For a cell whose last gate can read r⊙h₋ in place of h₋. h is [rows, H], h₋ already masked. */
export interface Reset<A> {
  applies(attributes: A): boolean;
  /** Once the products of the other gates are there: r from its pre-activation. */
  activate(step: Pick<Step, 'rows' | 'size' | 'a'>): void;
  /** h ← r⊙h */
  apply(step: Pick<Step, 'rows' | 'size' | 'a'>, h: RealArray): void;
  /** After `backward`: from d = ∂L/∂(r⊙h) completes ∂L/∂a_r, which stood at r, and makes d ∂L/∂h. */
  backward(step: Pick<BackwardStep, 'rows' | 'size' | 'a'>, h: RealArray, d: Float64Array): void;
}
