import { expect } from 'chai';
import type { Backend } from '../../../lib/backend/backend.ts';
import { type CellName, cellNames } from '../../../lib/cells.ts';
import { expectSameBits } from './agreement.ts';
import { type CellCase, cellProgram } from './cell-program.ts';
import { Numbers } from './numbers.ts';
import { batchFor, Trial } from './trial.ts';

/** Steps of a segment, and whether a sequence has one, several, ends with one or is over before it. */
const segments = [true, 1, 2, 5, 100] as const;
const batches: readonly (readonly number[])[] = [[1], [2, 1], [7, 0, 3, 9, 9, 2], [0, 0], [10, 10, 10], [83, 5, 40]];

/** Variants that take different ways through a cell. */
const variants: readonly Pick<CellCase, 'rows' | 'direction' | 'biases' | 'initialState' | 'masks' | 'reset'>[] = [
  { rows: 0, direction: 'forward', biases: 'two', initialState: true, masks: 'none', reset: 'before' },
  { rows: 5, direction: 'backward', biases: 'one', initialState: true, masks: 'per gate', reset: 'after' },
  { rows: 0, direction: 'backward', biases: 'two', initialState: true, masks: 'per gate', reset: 'before' },
  { rows: 5, direction: 'forward', biases: 'none', initialState: false, masks: 'shared', reset: 'before' },
  { rows: 0, direction: 'forward', biases: 'one', initialState: true, masks: 'shared', reset: 'after' },
];

/** What backward computes again is what forward had computed: outputs and gradients have the same bits as without. */
export function itRecomputes(open: () => Backend): void {
  for (const cell of cellNames)
    it(`${cell} has the same bits whether its gates are kept or computed again`, async () => {
      for (const [turn, lengths] of batches.entries())
        for (const variant of variants)
          for (const recompute of segments) await check({ cell, lengths, recompute, turn, ...variant });
    });

  const check = async ({
    lengths,
    turn,
    recompute,
    ...variant
  }: { cell: CellName; lengths: readonly number[]; turn: number } & (typeof variants)[number] &
    Required<Pick<CellCase, 'recompute'>>) => {
    const kept: CellCase = {
      ...variant,
      inputSize: [3, 17][turn % 2]!,
      size: [5, 33, 16][turn % 3]!,
      activation: 'tanh',
      updateGate: turn % 2 === 0 ? 'keep' : 'write',
    };
    const programs = [kept, { ...kept, recompute }].map(options => cellProgram(options, 'train'));
    const batch = batchFor(programs[0]!, new Numbers(23), { lengths, below: { ids: kept.rows } });
    const [expected, found] = await Promise.all(programs.map(program => new Trial(open(), program).run(batch)));
    expectSameBits(found!, expected!, `${JSON.stringify({ ...kept, recompute })}, lengths ${lengths}`);
  };

  it('computes again what it does not keep', () => {
    const options = { inputSize: 3, size: 5, activation: 'tanh', updateGate: 'keep', ...variants[0]! } as const;
    for (const [cell, op] of [
      ['lstm', 'lstmGradient'],
      ['gru', 'gruGradient'],
    ] as const) {
      const { steps, buffers } = cellProgram({ ...options, cell, recompute: true }, 'train');
      const gradient = steps.find(step => step.op === op)!;
      expect(buffers[gradient.outputs.gates!]!.shape.slice(0, 2)).to.deep.equal(['√input.steps', 'batch']);
      const ofTokens = buffers.filter(({ role, shape }) => role === 'scratch' && shape[0] === 'input.tokens');
      expect(ofTokens).to.deep.equal([]);
    }
  });
}
