import { expect } from 'chai';
import fc from 'fast-check';
import type { NumberArray } from '../../../lib/backend/backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import type { NativeEngine } from '../../../lib/backend/native.ts';
import { plan } from '../../../lib/program/plan.ts';
import type { Program, ProgramData } from '../../../lib/program/program.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { decoder, decoderInputs, differentiated, weights, written } from '../../ops/scans.ts';
import { type Draft, expectCode, put } from '../draft.ts';

const lengths = [3, 0, 5, 1, 5];

// As in engine/hostile.test.ts: what is inside a body is no more to be trusted than what is around it. Anything may be
// refused, nonsense may be computed, and no memory is touched that is not the run's.
describe('scans of the native backend, given hostile bodies', function () {
  if (!addon) return;
  this.timeout(120_000);
  const { Engine } = addon;
  let engine: NativeEngine;
  before(() => {
    engine = new Engine({ threads: 2, isa: addon!.isas[0]! });
  });

  const programs: readonly (readonly [string, Program])[] = [
    ['an lstm written by hand', differentiated(written('backward'), weights)],
    ['a decoder with a memory', differentiated(decoder, decoderInputs)],
  ];
  for (const [what, honest] of programs) {
    const scans = honest.steps.flatMap(({ op }, index) => (op === 'scan' ? [index] : []));
    const { sizes, values } = batchFor(honest, new Numbers(3), { lengths, below: { ids: 5 } });
    const places = plan(honest, sizes, 4);

    /** Loads and runs it; feeds are fresh, and spoilt where the second argument says so. */
    const run = (program: ProgramData, spoilt: readonly Spoilt[]) => {
      const feeds = honest.buffers
        .filter(({ role }) => role === 'feed')
        .map(({ name, dtype }): NumberArray => {
          const given = values[name]!;
          return dtype === 'real' ? Float32Array.from(given) : Int32Array.from(given);
        });
      for (const { feed, at, value } of spoilt) {
        const array = feeds[feed % feeds.length]!;
        if (array.length > 0) array[at % array.length] = value;
      }
      const handle = engine.load(program, []);
      engine.plan(handle, places.offsets, places.bytes);
      engine.runSync(
        handle,
        honest.sizes.map(name => sizes[name]!),
        feeds,
      );
    };

    it(`runs ${what}, which has a scan and its gradient`, () => {
      expect(scans).to.have.length(2);
      expect(() => run(honest, [])).not.to.throw();
    });

    it(`survives any change to the bodies of ${what}, to what enters them, and to feeds`, () => {
      let [ran, refused] = [0, 0];
      fc.assert(
        fc.property(
          fc.array(change, { minLength: 1, maxLength: 3 }),
          fc.array(spoilt, { maxLength: 1 }),
          (changes, feeds) => {
            const program = structuredClone({ ...honest }) as Draft;
            const steps = scans.map(index => program.steps[index]!);
            const bodies = steps.map(({ attributes }) => attributes.body as object);
            for (const { scan, inside, path, value } of changes) put((inside ? bodies : steps)[scan]!, path, value);
            const before = ran;
            expectCode(() => {
              run(program, feeds);
              ran++;
            });
            if (ran === before) refused++;
          },
        ),
        { numRuns: 4000, seed: 20261125 },
      );
      expect(ran, 'ran').to.be.greaterThan(200);
      expect(refused, 'refused').to.be.greaterThan(1000);
    });
  }
});

interface Spoilt {
  readonly feed: number;
  readonly at: number;
  readonly value: number;
}
const spoilt = fc.record({
  feed: fc.nat(),
  at: fc.nat(),
  value: fc.oneof(fc.integer({ min: -2, max: 9 }), fc.integer()),
});

const numbers = fc.oneof(
  fc.integer({ min: -1, max: 20 }),
  fc.constantFrom(0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 32 + 1, 2 ** 53, -(2 ** 60)),
);
const words = fc.constantFrom(
  ...['rows', 'batch', 'input.tokens', 'x:0', 'x:1', 's:0', 's:1', 's:2', 'k:0', 'c:0', 'c:1', 'y:0', 'y:1', 'y:9'],
  ...['matmul', 'add', 'scan', 'gather', 'reshape', 'slice', 'stepAt', 'lstm', 'adam', 'real', 'int32'],
  ...['parameter', 'gradient', 'state', 'feed', 'result', 'scratch', 'forward', 'backward'],
);
const shapes = fc.array(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom('rows', 'batch')), { maxLength: 4 });
/** A place in a scan's step or in its body, and what to write there. */
const change = fc.record({
  scan: fc.integer({ min: 0, max: 1 }),
  inside: fc.boolean(),
  path: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
  value: fc.oneof(numbers, words, shapes, fc.boolean(), fc.constantFrom(undefined, null, {})),
});
