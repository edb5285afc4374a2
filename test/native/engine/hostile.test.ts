import { expect } from 'chai';
import fc from 'fast-check';
import type { NumberArray } from '../../../lib/backend/backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import type { NativeEngine, ProgramHandle, StorageHandle } from '../../../lib/backend/native.ts';
import { binaryCrossEntropy } from '../../../lib/ops/binary-cross-entropy.ts';
import { gather } from '../../../lib/ops/gather.ts';
import { globalNorm } from '../../../lib/ops/global-norm.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { lstm } from '../../../lib/ops/lstm.ts';
import { matmul } from '../../../lib/ops/matmul.ts';
import { type TableRows, tableRows } from '../../../lib/ops/merge-rows.ts';
import { reshape } from '../../../lib/ops/reshape.ts';
import { adam } from '../../../lib/optimizers/adam.ts';
import { recordUpdate } from '../../../lib/optimizers/optimizer.ts';
import { plan } from '../../../lib/program/plan.ts';
import type { ProgramData } from '../../../lib/program/program.ts';
import { record, type StorageView } from '../../../lib/program/recording.ts';
import { elementCount, resolveShape } from '../../../lib/program/shape.ts';
import { codeOf } from '../../code-of.ts';
import { type Draft, expectCode, put } from '../draft.ts';
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
    [
      'a shape whose product overflows, though it is of nothing',
      'ERR_MEMORY',
      p => (p.buffers[1]!.shape = [0, 2 ** 40, 2 ** 40]),
    ],
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

  it('binds only arrays over shared memory that are what the program says', () => {
    const handle = load(chain);
    engine.plan(handle, offsets, 576);
    const shared = (array: NumberArray) => {
      const copy = new Float32Array(new SharedArrayBuffer(array.byteLength));
      copy.set(array);
      return copy;
    };
    const given = feeds().map(shared);
    const result = shared(new Float32Array(batch * 8));
    const bind = (sizes: unknown, values: unknown, results: unknown) =>
      codeOf(() => engine.bind(handle, sizes as number[], values as NumberArray[], results as NumberArray[]));
    expect(bind([batch], given, undefined)).to.equal('ERR_ARGUMENT');
    expect(bind([batch], given, [])).to.equal('ERR_ARGUMENT');
    expect(bind([batch], given, [result, result])).to.equal('ERR_ARGUMENT');
    expect(bind([batch], given, [{}])).to.equal('ERR_ARGUMENT');
    expect(bind([batch], given, [result.subarray(1)])).to.equal('ERR_ARGUMENT');
    expect(bind([batch], given, [new Int32Array(result.buffer)])).to.equal('ERR_ARGUMENT');
    expect(bind([batch], given, [result.slice()])).to.equal('ERR_ARGUMENT');
    expect(bind([batch], feeds(), [result])).to.equal('ERR_ARGUMENT');
    expect(bind([batch], given.slice(1), [result])).to.equal('ERR_FEED');
    expect(bind([batch + 1], given, [result])).to.equal('ERR_FEED');

    engine.bind(handle, [batch], given, [result])();
    expect([...result]).to.deep.equal([...engine.runSync(handle, [batch], feeds())[0]!]);
  });

  it('binds no integers that are others when they are asked for again', () => {
    const program = record(recording => ({
      y: gather(recording.feed('table', [2, 1]), recording.feed('ids', [1], 'int32')),
    }));
    const { offsets, bytes } = plan(program, {}, 4);
    const handle = load(program, []);
    engine.plan(handle, offsets, bytes);
    const shared = (elements: number) => new SharedArrayBuffer(4 * elements);
    const ids = [new Int32Array(1), new Int32Array(shared(1))];
    const feeds: NumberArray[] = [new Float32Array(shared(2)), ids[1]!];
    engine.bind(handle, [], feeds, [new Float32Array(shared(1))])();
    Object.defineProperty(feeds, 1, { get: () => ids.shift() });
    expect(codeOf(() => engine.bind(handle, [], feeds, [new Float32Array(shared(1))]))).to.equal('ERR_ARGUMENT');
  });

  it('survives any change to a program, its plan and its sizes', () => {
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
          const random = Float64Array.from({ length: chain.buffers.length }, (_, i) => 64 * places[i % 8]!);
          expectCode(() => {
            const handle = load(program);
            if (room % 2) engine.plan(handle, offsets, 576);
            else engine.plan(handle, random, 64 * room);
            engine.runSync(handle, [size], feeds());
            ran++;
          });
        },
      ),
      { numRuns: 4000, seed: 20261120 },
    );
    expect(ran).to.be.greaterThan(100);
  });

  for (const recompute of [false, true])
    it(`survives any change to a training step${recompute ? ' that computes gates again' : ''} and its feeds`, () => {
      const step = trainingStep(recompute);
      const sizes = { batch: 3, 'input.steps': 4, 'input.tokens': 8, '√input.steps': 2 };
      const { offsets, bytes } = plan(step, sizes, 4);
      const memories = step.storages.map(({ elements }) => new Float32Array(new SharedArrayBuffer(4 * elements)));
      const storages = memories.map(memory => engine.storage(memory));
      const integers: Record<string, number[]> = {
        ids: [0, 1, 2, 3, 4, 5, 6, 7],
        'input.offsets': [0, 3, 6, 7],
        'input.order': [2, 0, 1],
        clock: [1, 0],
      };
      const feeds = (): NumberArray[] =>
        step.buffers
          .filter(({ role }) => role === 'feed')
          .map(({ name, shape }) => {
            const fixed = integers[name];
            return fixed ? Int32Array.from(fixed) : new Float32Array(elementCount(resolveShape(shape, sizes)));
          });
      let ran = 0;
      fc.assert(
        fc.property(
          fc.array(change, { maxLength: 2 }),
          fc.array(fc.tuple(fc.nat(), fc.nat(), fc.oneof(fc.integer({ min: -2, max: 9 }), fc.integer())), {
            maxLength: 2,
          }),
          (changes, spoilt) => {
            const program = structuredClone({ ...step }) as Draft;
            for (const { path, value } of changes) put(program, path, value);
            for (const memory of memories) memory.fill(0.1);
            const values = feeds();
            for (const [feed, at, value] of spoilt) {
              const array = values[feed % values.length]!;
              if (array.length > 0) array[at % array.length] = value;
            }
            expectCode(() => {
              const handle = load(program, storages);
              engine.plan(handle, offsets, bytes);
              engine.runSync(
                handle,
                step.sizes.map(name => sizes[name as keyof typeof sizes]),
                values,
              );
              ran++;
            });
          },
        ),
        { numRuns: 4000, seed: 20261120 },
      );
      expect(ran).to.be.greaterThan(500);
    });
});

const numbers = fc.oneof(
  fc.integer({ min: -1, max: 9 }),
  fc.constantFrom(0.5, Number.NaN, Number.POSITIVE_INFINITY, 63, 64, 2 ** 31, 2 ** 32 + 1, 2 ** 53, -(2 ** 60)),
);
const words = fc.constantFrom(
  ...[
    'batch',
    'input.tokens',
    'a',
    'y',
    'memory',
    'real',
    'int32',
    'matmul',
    'gather',
    'scatterAdd',
    'reshape',
    'backward',
  ],
  ...['parameter', 'gradient', 'state', 'feed', 'result', 'scratch'],
);
const values = fc.oneof(numbers, words, fc.boolean(), fc.constantFrom(undefined, null, [], {}, [8], ['batch', 8]));
/** A place in a program, as `put` finds it, and what to write there. */
const change = fc.record({ path: fc.array(fc.nat(), { minLength: 3, maxLength: 6 }), value: values });

/** Embedding, an LSTM, a dense layer on its last state, binary cross-entropy, clipping and Adam, the embedding by rows. */
function trainingStep(recompute: boolean): ProgramData {
  const size = 5;
  const parameters = { name: 'parameters', dtype: 'real', elements: 1000 } as const;
  const gradientStorage = { name: 'gradients', dtype: 'real', elements: 1000 } as const;
  const program = record(
    r => {
      let offset = 0;
      const views: StorageView[] = [];
      const parameter = (name: string, shape: number[]) => {
        const view = { storage: parameters, offset, shape, name };
        offset += elementCount(shape);
        views.push(view);
        return r.view('parameter', view);
      };
      const layout = r.layout('input');
      const learned = [
        parameter('embedding', [9, 3]),
        parameter('inputWeight', [3, 4 * size]),
        parameter('recurrentWeight', [size, 4 * size]),
        parameter('bias', [4 * size]),
        parameter('denseWeight', [size, 1]),
        parameter('denseBias', [1]),
      ] as const;
      const [table, inputWeight, recurrentWeight, bias, denseWeight, denseBias] = learned;
      const x = { table, ids: r.feed('ids', [layout.tokens], 'int32'), ignore: 2 };
      const { hN } = lstm({ x, inputWeight, recurrentWeight, bias }, { direction: 'forward', recompute });
      const logits = reshape(matmul(hN, denseWeight, { bias: denseBias }), ['batch']);
      const loss = binaryCrossEntropy(logits, r.feed('targets', ['batch']));
      const [byEmbedding, ...others] = gradients(loss, learned);
      const rows = tableRows(byEmbedding!)!;
      const stored = others.map((gradient, i) => r.store(gradient, { ...views[i + 1]!, storage: gradientStorage }));
      const norm = globalNorm([...rows, ...stored]);
      r.check(loss);
      r.check(norm);
      const update = (offset: number, shape: readonly number[], rows?: readonly TableRows[]) => {
        const range = (role: 'parameter' | 'gradient' | 'state', storage: StorageView['storage']) =>
          r.view(role, { storage, offset, shape, name: storage.name });
        const state = (name: string) => range('state', { name, dtype: 'real', elements: 1000 });
        recordUpdate(r, adam({ clipNorm: 5 }), {
          parameters: range('parameter', parameters),
          gradients: rows ?? range('gradient', gradientStorage),
          states: { m: state('m'), v: state('v') },
          norm,
        });
      };
      update(0, table.shape as number[], rows);
      update(views[1]!.offset, [offset - views[1]!.offset]);
      return { loss };
    },
    { mode: 'train' },
  );
  return { ...program, sizes: recompute ? [...program.sizes, '√input.steps'] : program.sizes };
}

function draft(): Draft {
  return structuredClone(chain) as Draft;
}
