import { expect } from 'chai';
import fc from 'fast-check';
import { capacityFor, fits, plan } from '../../lib/program/plan.ts';
import type { BufferSpec, ProgramData, Role, Step } from '../../lib/program/program.ts';
import { elementCount, resolveShape, type Sizes } from '../../lib/program/shape.ts';

interface Recipe {
  readonly sizes: Sizes;
  readonly feeds: number;
  /** One step each: what it reads (positions among the buffers so far) and the buffers it makes. */
  readonly steps: readonly {
    readonly reads: readonly number[];
    readonly makes: readonly { readonly rows: 'batch' | 'tokens' | 3; readonly width: number; readonly role: Role }[];
  }[];
  readonly checks: readonly number[];
}

const recipes: fc.Arbitrary<Recipe> = fc.record({
  sizes: fc.record({ batch: fc.integer({ min: 0, max: 9 }), tokens: fc.integer({ min: 0, max: 40 }) }),
  feeds: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(
    fc.record({
      reads: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      makes: fc.array(
        fc.record({
          rows: fc.constantFrom('batch' as const, 'tokens' as const, 3 as const),
          width: fc.integer({ min: 1, max: 20 }),
          role: fc.constantFrom<Role>('scratch', 'scratch', 'scratch', 'result', 'gradient'),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 25 },
  ),
  checks: fc.array(fc.nat(), { maxLength: 2 }),
});

function programOf({ feeds, steps: recipe, checks }: Recipe): ProgramData {
  const buffers: BufferSpec[] = [];
  for (let feed = 0; feed < feeds; feed++)
    buffers.push({ name: `feed${feed}`, role: 'feed', dtype: 'real', shape: ['batch', 4] });
  const steps = recipe.map(({ reads, makes }): Step => {
    const known = buffers.length;
    const inputs = Object.fromEntries(reads.map((pick, index) => [`x${index}`, pick % known]));
    const outputs = Object.fromEntries(
      makes.map(({ rows, width, role }, index) => {
        const storage = role === 'gradient' ? { storage: { name: 'gradients', offset: 0 } } : {};
        buffers.push({ name: `buffer${buffers.length}`, role, dtype: 'real', shape: [rows, width], ...storage });
        return [`y${index}`, buffers.length - 1];
      }),
    );
    return { op: 'any', attributes: {}, inputs, outputs };
  });
  return {
    sizes: ['batch', 'tokens'],
    storages: [{ name: 'gradients', dtype: 'real', elements: 800 }],
    buffers,
    steps,
    commit: steps.length,
    checks: checks.map(pick => pick % buffers.length),
  };
}

/** Runs a program on memory that remembers which buffer wrote each 64-byte line last, and reports what was lost. */
function losses(
  program: ProgramData,
  sizes: Sizes,
  offsets: Float64Array,
  bytes: number,
  bytesPerReal: number,
): string[] {
  const owner = new Int32Array(Math.ceil(bytes / 64)).fill(-1);
  const lines = (id: number) => {
    const { dtype, shape } = program.buffers[id]!;
    const size = elementCount(resolveShape(shape, sizes)) * (dtype === 'real' ? bytesPerReal : 4);
    const first = offsets[id]! / 64;
    return Array.from({ length: Math.ceil(size / 64) }, (_, line) => first + line);
  };
  const inArena = (id: number) => ['scratch', 'result'].includes(program.buffers[id]!.role);
  const lost: string[] = [];
  const expectIntact = (id: number, when: string) => {
    if (inArena(id) && lines(id).some(line => owner[line] !== id)) lost.push(`%${id} ${when}`);
  };
  program.steps.forEach(({ inputs, outputs }, index) => {
    for (const id of Object.values(outputs)) if (inArena(id)) for (const line of lines(id)) owner[line] = id;
    for (const id of Object.values(outputs)) expectIntact(id, `after step ${index} wrote it`);
    // Outputs are written while inputs are still being read, so both must be intact once the step is done.
    for (const id of Object.values(inputs)) expectIntact(id, `while step ${index} reads it`);
  });
  for (const id of program.checks) expectIntact(id, 'when it is checked');
  program.buffers.forEach(({ role }, id) => {
    if (role === 'result') expectIntact(id, 'when it is returned');
  });
  return lost;
}

describe('plan', () => {
  it('never lets two buffers that are alive at once share memory, whatever the program', () => {
    fc.assert(
      fc.property(recipes, fc.constantFrom(4 as const, 8 as const), (recipe, bytesPerReal) => {
        const program = programOf(recipe);
        const { offsets, bytes } = plan(program, recipe.sizes, bytesPerReal);
        expect(losses(program, recipe.sizes, offsets, bytes, bytesPerReal)).to.deep.equal([]);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it('places every arena buffer inside the arena at a multiple of 64 bytes, and nothing else', () => {
    fc.assert(
      fc.property(recipes, recipe => {
        const program = programOf(recipe);
        const { offsets, bytes } = plan(program, recipe.sizes, 4);
        program.buffers.forEach(({ role, shape }, id) => {
          const inArena = role === 'scratch' || role === 'result';
          expect(offsets[id]! < 0).to.equal(!inArena);
          if (!inArena) return;
          expect(offsets[id]! % 64).to.equal(0);
          expect(offsets[id]! + 4 * elementCount(resolveShape(shape, recipe.sizes))).to.be.at.most(bytes);
        });
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  it('reuses the memory of buffers that are dead', () => {
    const chain = programOf({
      sizes: { batch: 1, tokens: 1 },
      feeds: 1,
      steps: Array.from({ length: 20 }, (_, index) => ({
        reads: [index],
        makes: [{ rows: 3 as const, width: 16, role: 'scratch' as const }],
      })),
      checks: [],
    });
    expect(plan(chain, { batch: 1, tokens: 1 }, 4).bytes).to.equal(2 * 3 * 16 * 4);
  });

  it('holds a program for every size up to its capacity', () => {
    const recipe: Recipe = {
      sizes: { batch: 8, tokens: 32 },
      feeds: 1,
      steps: [
        { reads: [0], makes: [{ rows: 'tokens', width: 5, role: 'scratch' }] },
        { reads: [1], makes: [{ rows: 'batch', width: 7, role: 'scratch' }] },
        { reads: [1, 2], makes: [{ rows: 'tokens', width: 3, role: 'result' }] },
      ],
      checks: [],
    };
    const program = programOf(recipe);
    const { offsets, bytes } = plan(program, recipe.sizes, 4);
    for (const [batch, tokens] of [
      [0, 0],
      [1, 32],
      [8, 1],
      [8, 32],
    ] as const)
      expect(losses(program, { batch, tokens }, offsets, bytes, 4)).to.deep.equal([]);
  });
});

describe('capacityFor', () => {
  it('rounds every size up to a power of two', () => {
    expect(capacityFor(['batch', 'tokens'], { batch: 5, tokens: 64 })).to.deep.equal({ batch: 8, tokens: 64 });
  });

  it('holds sizes of 0', () => {
    expect(capacityFor(['batch'], { batch: 0 })).to.deep.equal({ batch: 1 });
  });

  it('never shrinks, so that sizes that come and go do not plan anew', () => {
    expect(capacityFor(['batch', 'tokens'], { batch: 2, tokens: 65 }, { batch: 8, tokens: 64 })).to.deep.equal({
      batch: 8,
      tokens: 128,
    });
  });
});

describe('fits', () => {
  const planned = { capacity: { batch: 8, tokens: 64 }, offsets: new Float64Array(), bytes: 0 };

  it('accepts sizes up to the capacity and no larger ones', () => {
    expect(fits(planned, { batch: 8, tokens: 64 })).to.equal(true);
    expect(fits(planned, { batch: 0, tokens: 0 })).to.equal(true);
    expect(fits(planned, { batch: 8, tokens: 65 })).to.equal(false);
    expect(fits(planned, { batch: 9, tokens: 1 })).to.equal(false);
  });

  it('says no before there is a plan', () => {
    expect(fits(undefined, {})).to.equal(false);
  });
});
