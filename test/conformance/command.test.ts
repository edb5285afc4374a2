import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { addon } from '../../lib/backend/load.ts';
import { readCases } from '../golden/manifest.ts';
import { conformance } from './command.ts';

interface Tensor {
  shape: readonly number[];
  dtype: string;
  data: number[];
}
interface Case {
  id: string;
  op_type: string;
  attributes?: object;
  inputs?: Record<string, Tensor>;
  outputs?: Record<string, Tensor>;
  must_fail?: boolean;
}

/** The golden vectors of nodes, as cases of a file. */
const cases = readCases(join(import.meta.dirname, '../golden/vectors'))
  .filter(({ kind }) => kind === 'onnx')
  .map(({ id, config, tensors }): Case => {
    const named = (prefix: string) =>
      Object.fromEntries(
        [...tensors]
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, { shape, values }]) => {
            const dtype = name.endsWith('sequence_lens') ? 'int32' : 'float32';
            return [name.slice(prefix.length), { shape, dtype, data: [...values] }];
          }),
      );
    const { op_type, attributes } = config as { op_type: string; attributes: object };
    return { id, op_type, attributes, inputs: named('in.'), outputs: named('out.') };
  });
const first = cases[0]!;

describe('npm run conformance', () => {
  let folder: string;
  let path: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'recurra-conformance-'));
    path = join(folder, 'cases.json');
  });
  after(() => rmSync(folder, { recursive: true }));

  const write = (cases: unknown, more: object = {}) =>
    writeFileSync(
      path,
      JSON.stringify({ schema: 'onnx-rnn-cases/1', tolerance: { atol: 1e-6, rtol: 1e-5 }, cases, ...more }),
    );
  const run = async (...args: string[]) => {
    const [out, err]: [string[], string[]] = [[], []];
    const code = await conformance(args, { line: text => out.push(text), error: text => err.push(text) });
    return { code, out, err };
  };

  it('passes all cases, on every backend', async () => {
    write(cases);
    const passed = { code: 0, out: [`${cases.length} passed, 0 failed`], err: [] };
    expect(cases).to.have.length.greaterThan(5);
    expect(await run(path, '--backend', 'js')).to.deep.equal(passed);
    expect(await run(path, '--backend', 'js', '--precision', 'float64')).to.deep.equal(passed);
    for (const isa of addon?.isas ?? []) expect(await run(path, '--isa', isa)).to.deep.equal(passed);
  });

  it('passes a case that must fail where it is refused', async () => {
    const lens = { shape: [3], dtype: 'int32', data: [1, 2, 99] };
    write([
      { ...first, outputs: undefined, inputs: { ...first.inputs, sequence_lens: lens }, must_fail: true },
      { ...first, attributes: { activations: ['Nope'] }, must_fail: true },
      { ...first, inputs: { ...first.inputs, X: { ...lens, dtype: 'complex64' } }, must_fail: true },
      { ...first, inputs: {}, must_fail: true },
    ]);
    expect((await run(path, '--backend', 'js')).out).to.deep.equal(['4 passed, 0 failed']);
  });

  it('reports what fails, compares what is listed alone, and exits with 1', async () => {
    const { Y, Y_h } = first.outputs as { Y: Tensor; Y_h: Tensor };
    const off = [...Y_h.data];
    off[1]! += 1e-3;
    write([
      { ...first, id: 'listed', outputs: { Y_h } },
      { ...first, id: 'off', outputs: { Y, Y_h: { ...Y_h, data: off } } },
      { ...first, id: 'turned', outputs: { Y: { ...Y, shape: [...Y.shape].reverse() } } },
      { ...first, id: 'short', outputs: { Y: { ...Y, data: Y.data.slice(1) } } },
      { ...first, id: 'more', outputs: { Y_c: Y_h } },
      { ...first, id: 'runs', must_fail: true },
      { ...first, id: 'refused', op_type: 'Conv' },
    ]);
    const { code, out } = await run(path, '--backend', 'js');
    expect(code).to.equal(1);
    expect(out.at(-1)).to.equal('1 passed, 6 failed');
    expect(out[0]).to.match(/^FAIL off Y_h\[1\]: got -?0\.\d+, expected -?0\.\d+$/);
    expect(out[1]).to.match(/^FAIL turned Y: has shape/);
    expect(out[2]).to.match(/^FAIL short Y: has \d+ elements, expected \d+$/);
    expect(out.slice(3, 5)).to.deep.equal([
      'FAIL more Y_c: there is no such output',
      'FAIL runs ran, but must be refused',
    ]);
    expect(out[5]).to.match(/^FAIL refused .*no recurrent operator Conv/);
  });

  it('takes the tolerance of the file', async () => {
    const { Y_h } = first.outputs as { Y_h: Tensor };
    write([{ ...first, outputs: { Y_h: { ...Y_h, data: Y_h.data.map(value => value + 1e-3) } } }], {
      tolerance: { atol: 2e-3, rtol: 0 },
    });
    expect((await run(path, '--backend', 'js')).code).to.equal(0);
  });

  it('exits with 2 and one clear line where it cannot begin', async () => {
    const refused = async (line: RegExp, ...args: string[]) => {
      const { code, out, err } = await run(...args);
      expect({ code, out, lines: err.length }, String(line)).to.deep.equal({ code: 2, out: [], lines: 1 });
      expect(err[0]).to.match(line);
      expect(err[0]).not.to.contain('\n');
    };
    await refused(/usage: conformance FILE/);
    await refused(/usage/, path, path);
    await refused(/--isa .*sse2/, path, '--isa', 'sse2');
    await refused(/cannot be read/, join(folder, 'nowhere.json'));
    writeFileSync(path, '{');
    await refused(/cases\.json: is not JSON/, path);
    const malformed: readonly (readonly [unknown, RegExp, object?])[] = [
      [[first], /schema "onnx-rnn-cases\/1"/, { schema: 'onnx-rnn-cases/2' }],
      [[first], /tolerance/, { tolerance: { atol: 1e-3 } }],
      [[first], /tolerance/, { tolerance: { atol: -1, rtol: 0 } }],
      [[], /no cases/],
      [{}, /no cases/],
      [[{ ...first, id: 7 }], /case 0 has no id/],
      [[{ ...first, op_type: null }], /has no op_type/],
      [[{ ...first, attributes: [] }], /attributes are not an object/],
      [[{ ...first, inputs: undefined }], /has no inputs/],
      [[{ ...first, inputs: { X: [1] } }], /X is not a tensor/],
      [[{ ...first, inputs: { X: { shape: [1], dtype: 'float32', data: ['1'] } } }], /X is not a tensor/],
      [[{ ...first, outputs: {} }], /expects nothing/],
      [[{ ...first, must_fail: 'yes' }], /must_fail is "yes"/],
    ];
    for (const [cases, line, more] of malformed) {
      write(cases, more);
      await refused(line, path, '--backend', 'js');
    }
  });

  it('is a command of its own', async () => {
    write([{ ...first, must_fail: true }]);
    const root = resolve(import.meta.dirname, '../..');
    const command = ['--import', 'tsx', 'test/conformance/main.ts', path, '--backend', 'js'];
    const error = await promisify(execFile)(process.execPath, command, { cwd: root }).catch(reason => reason);
    expect(error.code).to.equal(1);
    expect(error.stdout).to.match(/0 passed, 1 failed\n$/);
  });
});
