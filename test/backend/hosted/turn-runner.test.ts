import { expect } from 'chai';
import type { Feeds } from '../../../lib/backend/backend.ts';
import { HostedBackend } from '../../../lib/backend/hosted/hosted-backend.ts';
import { TurnRunner } from '../../../lib/backend/hosted/turn-runner.ts';
import { Interpreter } from '../../../lib/backend/js/interpreter.ts';
import { Memory } from '../../../lib/backend/js/memory.ts';
import { gather } from '../../../lib/ops/gather.ts';
import { record } from '../../../lib/program/recording.ts';
import { codeOf, codeOfRejection } from '../../code-of.ts';
import { itCloses } from '../conformance/rules.ts';

const storage = { name: 'table', dtype: 'real', elements: 2 } as const;
const looking = record(recording => ({
  y: gather(
    recording.view('parameter', { storage, offset: 0, shape: [2, 1], name: 't' }),
    recording.feed('ids', [1], 'int32'),
  ),
}));
const writing = record(recording => {
  const y = recording.view('parameter', { storage, offset: 0, shape: [2], name: 't' });
  recording.update('copy', { x: recording.feed('x', [2]), y }, ['y'], {});
  return {};
});
const at = (id: number): Feeds => ({ sizes: {}, values: { ids: Int32Array.of(id) } });
const values = (...x: number[]): Feeds => ({ sizes: {}, values: { x: Float32Array.from(x) } });

function open(): HostedBackend {
  const memory = new Memory();
  return new HostedBackend({
    name: 'js',
    isa: 'js',
    precision: 'float32',
    runner: new TurnRunner(),
    allocate: (_, elements) => ({ array: new Float32Array(elements), touch() {} }),
    open: loaded => new Interpreter(loaded, 'float32', memory),
  });
}

describe('runs in turns of the event loop', () => {
  const backend = open();
  const storages = { table: backend.allocate('real', 2) };
  const [reader, writer] = [backend.load(looking, storages), backend.load(writing, storages)];

  it('are made one after another, each later than the call, with the feeds of the call', async () => {
    const feeds = values(1, 2);
    const runs = [writer.run(feeds), reader.run(at(1)), writer.run(values(3, 4)), reader.run(at(1))];
    feeds.values.x!.fill(9);
    expect([...storages.table.array]).to.deep.equal([0, 0]);
    const [, first, , second] = await Promise.all(runs);
    expect([first!.y![0], second!.y![0]]).to.deep.equal([2, 4]);
  });

  it('go on after one that fails, or was aborted before its turn', async () => {
    const abort = new AbortController();
    const failing = codeOfRejection(reader.run(at(2)));
    const aborted = writer.run(values(7, 7), { signal: abort.signal }).catch(reason => reason);
    const last = reader.run(at(0));
    abort.abort('no more');
    expect([await failing, await aborted, (await last).y![0]]).to.deep.equal(['ERR_INDEX', 'no more', 3]);
  });

  it('keep their storages busy until they have ended', async () => {
    const running = writer.run(values(5, 6));
    expect(codeOf(() => reader.runSync(at(0)))).to.equal('ERR_BUSY');
    await running;
    expect(reader.runSync(at(0)).y![0]).to.equal(5);
  });

  itCloses(open);
});
