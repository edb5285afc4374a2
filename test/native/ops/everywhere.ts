import type { Backend } from '../../../lib/backend/backend.ts';
import { js } from '../../../lib/backend/js-backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import type { Program } from '../../../lib/program/program.ts';
import { expectAgreement, expectSameBits } from '../../backend/conformance/agreement.ts';
import { type Batch, Trial, type Values } from '../../backend/conformance/trial.ts';

/** Nothing, whole and broken vectors of every instruction set, and enough for several threads. */
export const awkwardCounts = [0, 1, 3, 7, 8, 9, 15, 16, 17, 33, 1000, 100_003] as const;

/** The same for rows of several elements. */
export const awkwardRows = [0, 1, 3, 7, 8, 9, 15, 16, 17, 33, 4003] as const;

const threadCounts = [1, 2, 3];

/** Every instruction set of this machine on several numbers of threads, and the js twin in float64. */
export class Everywhere {
  readonly natives: readonly Backend[];
  private readonly twin = js({ precision: 'float64' });

  constructor() {
    const isas = addon?.isas ?? [];
    this.natives = isas.flatMap(isa => threadCounts.map(threads => native({ isa, threads })));
  }

  /** Runs a program on all of them: results and storage agree with the twin's and have the same bits. */
  compare(program: Program, batch: Batch, tolerance: number, initial: Values = {}): void {
    const run = (backend: Backend) => {
      const trial = new Trial(backend, program, initial);
      return { ...trial.runSync(batch), ...trial.stored() };
    };
    const expected = run(this.twin);
    const [first, ...others] = this.natives;
    if (!first) return;
    const computed = run(first);
    expectAgreement(computed, expected, tolerance, describeSizes(batch));
    for (const other of others)
      expectSameBits(run(other), computed, `${describeSizes(batch)} on ${other.isa} with ${other.threads} threads`);
  }

  async close(): Promise<void> {
    for (const backend of [...this.natives, this.twin]) await backend.close();
  }
}

function describeSizes({ sizes }: Batch): string {
  return Object.entries(sizes)
    .map(([name, size]) => `${name} ${size}`)
    .join(', ');
}

/** A suite that is given them; it is empty where there is no native build. */
export function describeEverywhere(title: string, tests: (everywhere: () => Everywhere) => void): void {
  describe(title, () => {
    if (!addon) return;
    let everywhere: Everywhere;
    before(() => {
      everywhere = new Everywhere();
    });
    after(() => everywhere.close());
    tests(() => everywhere);
  });
}

/** Lengths of as many sequences of one step: a batch and as many tokens. */
export function ones(count: number): number[] {
  return new Array<number>(count).fill(1);
}
