import { expect } from 'chai';
import fc from 'fast-check';
import type { NumberArray } from '../../../lib/backend/backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import type { NativeEngine, ProgramHandle, StorageHandle } from '../../../lib/backend/native.ts';
import { errorCodes } from '../../../lib/errors.ts';
import type { ProgramData } from '../../../lib/program/program.ts';
import { codeOf } from '../../code-of.ts';
import { chain } from '../programs.ts';

// The addon is given what TypeScript would never let pass. It may refuse and it may compute nonsense, but every memory
// access stays where it belongs: a crash here ends the test run.
describe('the native engine, given hostile programs', () => {
  if (!addon) return;
  const { Engine } = addon;
  let engine: NativeEngine;
  let storage: StorageHandle;

  before(() => {
    engine = new Engine({ threads: 2, isa: addon!.isas[0]! });
    storage = engine.storage(new Float32Array(new SharedArrayBuffer(4 * 64)));
  });

  const load = (program: unknown, storages: unknown = [storage]): ProgramHandle =>
    engine.load(program as ProgramData, storages as StorageHandle[]);
  const batch = 5;
  const feeds = (): NumberArray[] => [new Float32Array(batch * 8), new Float32Array(8), new Float32Array(8)];
  const offsets = Float64Array.of(-1, -1, 0, 256, 512, -1, -1, -1);

  it('runs the honest one', () => {
    const handle = load(chain);
    engine.plan(handle, offsets, 576);
    expect(engine.runSync(handle, [batch], feeds()).map(array => array.length)).to.deep.equal([batch * 8]);
  });

  const refused: readonly [string, string, (program: Draft) => void][] = [
    ['an unknown operation', 'ERR_BACKEND', p => (p.steps[0]!.op = 'reboot')],
    ['a buffer beyond the last', 'ERR_ARGUMENT', p => (p.steps[0]!.inputs.a = 8)],
    ['a negative buffer', 'ERR_ARGUMENT', p => (p.steps[0]!.inputs.a = -1)],
    ['half a buffer', 'ERR_ARGUMENT', p => (p.steps[0]!.inputs.a = 0.5)],
    ['a missing input', 'ERR_ARGUMENT', p => delete p.steps[0]!.inputs.a],
    ['an integer where a real number belongs', 'ERR_ARGUMENT', p => (p.buffers[0]!.dtype = 'int32')],
    ['an attribute of the wrong kind', 'ERR_ARGUMENT', p => (p.steps[0]!.attributes.transposeA = 'yes')],
    ['storage that reaches too far', 'ERR_SHAPE', p => (p.buffers[1]!.storage!.offset = 1)],
    ['storage that reaches around the end of the numbers', 'ERR_SHAPE', p => (p.buffers[1]!.storage!.offset = 2 ** 52)],
    ['a shape whose product overflows', 'ERR_MEMORY', p => (p.buffers[1]!.shape = [2 ** 40, 2 ** 40])],
    ['a negative extent', 'ERR_ARGUMENT', p => (p.buffers[1]!.shape = [-8, -8])],
    ['more storage than there is', 'ERR_SHAPE', p => (p.storages[0]!.elements = 65)],
    ['storage for a feed', 'ERR_ARGUMENT', p => (p.buffers[0]!.storage = { name: 'memory', offset: 0 })],
    ['a parameter without storage', 'ERR_ARGUMENT', p => delete p.buffers[1]!.storage],
    ['a size that is not declared', 'ERR_ARGUMENT', p => (p.sizes = [])],
    ['a read before the first write', 'ERR_ARGUMENT', p => (p.steps[0]!.inputs.a = 3)],
    ['a step that writes what it reads', 'ERR_ARGUMENT', p => (p.steps[1]!.outputs.y = 2)],
    ['a step that writes a feed', 'ERR_ARGUMENT', p => (p.steps[0]!.outputs.y = 5)],
    [
      'a parameter written before the commit point',
      'ERR_ARGUMENT',
      p => (p.buffers[7]!.role = 'parameter') && (p.commit = 4),
    ],
    ['a result that nobody writes', 'ERR_ARGUMENT', p => (p.steps[1]!.outputs.y = 4)],
    ['a commit point beyond the last step', 'ERR_ARGUMENT', p => (p.commit = 5)],
    ['a check that is no scalar', 'ERR_ARGUMENT', p => (p.checks = [2])],
    ['a check that nobody writes', 'ERR_ARGUMENT', p => (p.commit = 0)],
  ];
  for (const [what, code, spoil] of refused)
    it(`refuses ${what}`, () => {
      const program = draft();
      spoil(program);
      expect(codeOf(() => load(program))).to.equal(code);
    });

  it('refuses storages that are too few, of another type, of another engine, or no storages', () => {
    const other = new Engine({ threads: 1, isa: 'scalar' });
    const integers = engine.storage(new Int32Array(new SharedArrayBuffer(4 * 64)));
    expect(codeOf(() => load(chain, []))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => load(chain, [integers]))).to.equal('ERR_SHAPE');
    expect(codeOf(() => load(chain, [load(chain)]))).to.equal('ERR_ARGUMENT');
    for (const wrong of [{}, null, 7, other.storage(new Float32Array(new SharedArrayBuffer(256)))])
      expect(codeOf(() => load(chain, [wrong]))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => engine.storage(new Float32Array(64)))).to.equal('ERR_ARGUMENT');
  });

  it('refuses plans with offsets outside the arena, and runs that a plan has no room for', () => {
    const handle = load(chain);
    expect(codeOf(() => engine.runSync(handle, [batch], feeds()))).to.equal('ERR_ARGUMENT');
    const plan = (at: number, offset: number, bytes = 576) =>
      engine.plan(
        handle,
        Float64Array.from(offsets, (old, id) => (id === at ? offset : old)),
        bytes,
      );
    for (const offset of [-64, 32, 640, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])
      expect(codeOf(() => plan(2, offset))).to.equal('ERR_ARGUMENT');
    for (const bytes of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(codeOf(() => plan(2, 0, bytes))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => engine.plan(handle, offsets.subarray(1), 576))).to.equal('ERR_ARGUMENT');

    plan(2, 192); // y would reach into z, which is written while y is read
    expect(codeOf(() => engine.runSync(handle, [batch], feeds()))).to.equal('ERR_ARGUMENT');
    plan(2, 0);
    expect(codeOf(() => engine.runSync(handle, [batch], feeds()))).to.equal(undefined);
    const [, w, v] = feeds() as [NumberArray, NumberArray, NumberArray];
    expect(codeOf(() => engine.runSync(handle, [100], [new Float32Array(800), w, v]))).to.equal('ERR_ARGUMENT');
  });

  it('refuses feeds of the wrong number, type or length', () => {
    const handle = load(chain);
    engine.plan(handle, offsets, 576);
    const [a, w, v] = feeds() as [NumberArray, NumberArray, NumberArray];
    const run = (sizes: unknown, values: unknown) =>
      codeOf(() => engine.runSync(handle, sizes as number[], values as NumberArray[]));
    expect(run([batch], [a, w])).to.equal('ERR_FEED');
    expect(run([], [a, w, v])).to.equal('ERR_FEED');
    expect(run([batch + 1], [a, w, v])).to.equal('ERR_FEED');
    expect(run([-1], [a, w, v])).to.equal('ERR_ARGUMENT');
    expect(run([batch], [new Int32Array(batch * 8), w, v])).to.equal('ERR_FEED');
    expect(run([batch], [new Float64Array(batch * 8), w, v])).to.equal('ERR_ARGUMENT');
    expect(run([2 ** 52], [a, w, v])).to.equal('ERR_MEMORY');
  });

  it('survives any change to a program, a plan and feeds', () => {
    const numbers = fc.oneof(
      fc.integer({ min: -1, max: 9 }),
      fc.constantFrom(0.5, Number.NaN, Number.POSITIVE_INFINITY, 63, 64, 2 ** 31, 2 ** 32 + 1, 2 ** 53, -(2 ** 60)),
    );
    const words = fc.constantFrom('batch', 'a', 'y', 'real', 'int32', 'feed', 'scratch', 'result', 'state', 'gradient');
    const values = fc.oneof(numbers, words, fc.boolean(), fc.constantFrom(undefined, null, [], {}, [8], ['batch', 8]));
    const change = fc.record({ path: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), value: values });
    const codes = new Set<string>(Object.keys(errorCodes));
    let ran = 0;
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 3 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 8, maxLength: 8 }),
        fc.integer({ min: 0, max: 12 }),
        fc.oneof(fc.constant(batch), numbers),
        (changes, places, room, size) => {
          const program = draft();
          for (const { path, value } of changes) put(program, path, value);
          const code = codeOf(() => {
            const handle = load(program);
            const plans = [
              Float64Array.from({ length: program.buffers.length }, (_, i) => 64 * places[i % 8]!),
              offsets,
            ];
            engine.plan(handle, plans[room % 2]!, room % 2 ? 576 : 64 * room);
            engine.runSync(handle, [size], feeds());
            ran++;
          });
          if (code !== undefined) expect(codes).to.include(code);
        },
      ),
      { numRuns: 4000, seed: 20261120 },
    );
    expect(ran).to.be.greaterThan(100);
  });
});

type Draft = {
  -readonly [K in keyof ProgramData]: Mutable<ProgramData[K]>;
};
type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

function draft(): Draft {
  return structuredClone(chain) as Draft;
}

/** Walks down by taking each number modulo the keys there are, and writes what it ends at. */
function put(target: object, path: readonly number[], value: unknown): void {
  const [first = 0, ...rest] = path;
  const keys = Object.keys(target);
  if (keys.length === 0) return;
  const key = keys[first % keys.length] as keyof typeof target;
  const inner: unknown = target[key];
  if (rest.length > 0 && typeof inner === 'object' && inner !== null) put(inner, rest, value);
  else Object.assign(target, { [key]: value });
}
