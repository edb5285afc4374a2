import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { golden } from './command.ts';

const vectors = join(import.meta.dirname, 'vectors');

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await golden(args, { line: text => out.push(text), error: text => err.push(text) });
  return { code, out, err };
}

/** A folder with the first case of a group alone, changed. */
interface ManifestCase {
  id: string;
  kind: string;
  config: Record<string, unknown>;
}

describe('npm run golden', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'recurra-golden-'));
    cpSync(vectors, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const manifest = () =>
    JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { count: number; cases: ManifestCase[] };
  const keep = (cases: ManifestCase[]) =>
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest(), count: cases.length, cases }));
  const first = (prefix: string) => manifest().cases.find(({ id }) => id.startsWith(prefix))!;

  it('closes with the number of cases that passed and failed, and exits with 0 when all passed', async () => {
    keep([first('gru/'), first('embedding/')]);
    expect(await run(folder, '--backend', 'js')).to.deep.equal({ code: 0, out: ['2 passed, 0 failed'], err: [] });
    expect((await run(folder, '--backend', 'js', '--precision', 'float64')).out).to.deep.equal(['2 passed, 0 failed']);
  });

  it('names every tensor that misses its tolerance, and exits with 1', async () => {
    keep([first('lstm/'), { ...first('gru/'), config: { ...first('gru/').config, update: 'take' } }]);
    const { code, out } = await run(folder, '--backend', 'js');
    expect(code).to.equal(1);
    expect(out.at(-1)).to.equal('1 passed, 1 failed');
    expect(out).to.satisfy((lines: string[]) =>
      lines.some(line => /^FAIL gru\/\S+ out\.y: error \d\S+, tolerance 0?\.?\S+$/.test(line)),
    );
  });

  it('counts cases that cannot be built as failed and lists what they need', async () => {
    const lstm = first('lstm/');
    keep([
      first('gru/'),
      { ...lstm, config: { ...lstm.config, sundial: true } },
      { ...lstm, config: { ...lstm.config, sundial: true, clockwork: 0.5 } },
      { ...lstm, kind: 'telepathy' },
    ]);
    const { code, out } = await run(folder, '--backend', 'js');
    expect(code).to.equal(1);
    expect(out).to.deep.equal(['2 need sundial', '1 need clockwork', '1 need telepathy', '1 passed, 3 failed']);
  });

  it('fails a case that cannot be computed and goes on with the others', async () => {
    const gru = first('gru/');
    keep([{ ...gru, config: { ...gru.config, hidden_size: 2, num_layers: 2 } }, first('embedding/')]);
    const { code, out } = await run(folder, '--backend', 'js');
    expect(code).to.equal(1);
    expect(out[0]).to.match(/^FAIL gru\//);
    expect(out.at(-1)).to.equal('1 passed, 1 failed');
  });

  it('refuses float64 on the native backend with exit code 2 and a line on stderr', async () => {
    const { code, out, err } = await run(folder, '--precision', 'float64');
    expect({ code, out }).to.deep.equal({ code: 2, out: [] });
    expect(err).to.have.length(1);
    expect(err[0]).to.match(/float64/);
  });

  it('exits with 2 and one clear line where it cannot begin', async () => {
    const refused = async (args: string[], line: RegExp) => {
      const { code, out, err } = await run(...args);
      expect({ code, out, lines: err.length }, args.join(' ')).to.deep.equal({ code: 2, out: [], lines: 1 });
      expect(err[0]).to.match(line);
      expect(err[0]).not.to.contain('\n');
    };
    await refused([], /usage/);
    await refused([folder, 'another'], /usage/);
    await refused([folder, '--frobnicate'], /frobnicate/);
    await refused([folder, '--backend', 'gpu'], /--backend .*native, wasm, js.*gpu/);
    await refused([folder, '--isa', 'sse2'], /--isa .*scalar.*sse2/);
    await refused([folder, '--backend', 'js', '--precision', 'float16'], /--precision .*float16/);
    await refused([folder, '--backend', 'js', '--isa', 'scalar'], /--isa scalar/);
    await refused([join(folder, 'nowhere'), '--backend', 'js'], /nowhere.*manifest\.json/);
    writeFileSync(join(folder, 'manifest.json'), '{"schema":');
    await refused([folder, '--backend', 'js'], /manifest\.json: is not JSON/);
    writeFileSync(join(folder, 'manifest.json'), '{"schema":"something else","cases":[]}');
    await refused([folder, '--backend', 'js'], /manifest\.json: .*schema/);
  });

  it('refuses a manifest that contradicts itself or its files', async () => {
    const lstm = first('lstm/');
    const refused = async (cases: object[], line: RegExp) => {
      keep(cases as ManifestCase[]);
      const { code, err } = await run(folder, '--backend', 'js');
      expect(code, String(line)).to.equal(2);
      expect(err[0]).to.match(line);
      cpSync(vectors, folder, { recursive: true });
    };
    await refused([], /no cases/);
    await refused([{ ...lstm, id: 'lstm/unheard_of' }], /lstm\.safetensors: .*unheard_of/);
    await refused([{ ...lstm, tensors: { 'out.y': ['F64', [1, 2, 3]] } }], /lstm\.safetensors: .*shape/);
    await refused([{ ...lstm, tolerance: {} }], /tolerance/);
    await refused([{ ...lstm, tensors: {} }], /expects nothing/);
    await refused([{ ...lstm, file: 'nowhere.safetensors' }], /nowhere\.safetensors/);
  });

  it('refuses a safetensors file that is truncated anywhere', async () => {
    const path = join(folder, 'lstm.safetensors');
    const { length } = readFileSync(path);
    for (const bytes of [length - 1, 20_000, 100, 7, 0]) {
      truncateSync(path, bytes);
      const { code, out, err } = await run(folder, '--backend', 'js');
      expect({ code, out }, `${bytes} bytes`).to.deep.equal({ code: 2, out: [] });
      expect(err[0], `${bytes} bytes`).to.match(/lstm\.safetensors: /);
    }
  });

  it('is a command of its own', async () => {
    const root = resolve(import.meta.dirname, '../..');
    const command = ['--import', 'tsx', 'test/golden/main.ts', folder, '--precision', 'float64'];
    const error = await promisify(execFile)(process.execPath, command, { cwd: root }).catch(reason => reason);
    expect(error.code).to.equal(2);
    expect(error.stdout).to.equal('');
    expect(error.stderr).to.match(/^golden: .*float64.*\n$/);
  });
});
