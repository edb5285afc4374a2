import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { dense, js, rnn, sequential } from '../../lib/index.ts';
import { writeClassifier } from './classifier.ts';
import { tellingRows, temporaryFolder } from './folder.ts';
import { jsonLines, recurra } from './recurra.ts';

describe('recurra trace', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const text = ['--text', 'word1 tells-good unheard', '--backend', 'js'];

  before(async () => {
    await writeClassifier(join(folder, 'model.safetensors'), tellingRows(['bad', 'good'], 20));
    const backend = js();
    const other = sequential([rnn({ size: 2 }), dense({ size: 1 })], { inputSize: 2, backend });
    await other.save(join(folder, 'numbers.safetensors'));
    await backend.close();
  });

  it('has a line for each word, and draws what it shows', async () => {
    const outcome = await recurra(folder, 'trace', 'model.safetensors', ...text, '--out', 'trace.svg');
    expect(outcome.exitCode, outcome.stderr).to.equal(0);
    const [head, ...lines] = outcome.stdout.split('\n');
    expect(head).to.match(/^bidirectional\.forward +r +z +n +h$|^gru +r +z +n +h$/);
    for (const [at, word] of ['word1', 'tells', 'good', '[unknown]'].entries()) {
      const [first, ...numbers] = lines[at]!.split(/ {2,}/);
      expect(first).to.equal(word);
      expect(numbers).to.have.length(4);
      for (const number of numbers) expect(number).to.match(/^\d\.\d\d$/);
    }
    expect(outcome.stdout).to.match(/^wrote trace\.svg: .* z/m);
    const svg = readFileSync(join(folder, 'trace.svg'), 'utf8');
    for (const word of ['word1', 'good', 'update gate']) expect(svg).to.contain(word);
  });

  it('has an object for each layer, of a gate alone', async () => {
    const whole = await recurra(folder, 'trace', 'model.safetensors', ...text, '--json');
    expect(whole.exitCode, whole.stderr).to.equal(0);
    type Line = { layer: string; tokens: string[]; gates: Record<string, number[][]>; states: object };
    const [layer] = jsonLines(whole.stdout) as Line[];
    expect(layer).to.have.all.keys('layer', 'cell', 'direction', 'tokens', 'gates', 'states');
    expect(layer!.gates).to.have.all.keys('r', 'z', 'n');
    expect(layer!.gates.z).to.have.length(layer!.tokens.length);
    expect(layer!.gates.z![0]).to.have.length(6);
    const chosen = ['--layer', layer!.layer, '--gate', 'z'];
    const some = await recurra(folder, 'trace', 'model.safetensors', ...text, ...chosen, '--json');
    expect(jsonLines(some.stdout)).to.deep.equal([{ ...layer, gates: { z: layer!.gates.z }, states: {} }]);
  });

  it('refuses what it cannot show', async () => {
    const refused: [string[], RegExp][] = [
      [['model.safetensors'], /--text/],
      [['model.safetensors', '--text', ' '], /there is no word/],
      [['model.safetensors', ...text, '--gate', 'f'], /there is no gate or state f; there are r, z, n, h/],
      [['model.safetensors', ...text, '--layer', 'lstm'], /there is no recurrent layer lstm; there are/],
      [['numbers.safetensors', ...text], /reads no text/],
    ];
    for (const [args, says] of refused) {
      const { exitCode, stderr } = await recurra(folder, 'trace', ...args);
      expect({ args, exitCode }).to.deep.equal({ args, exitCode: 2 });
      expect(stderr.trimEnd().split('\n').at(-1)).to.match(says);
    }
  });

  it('teaches in its help', async () => {
    const { exitCode, stdout } = await recurra(folder, 'trace', '--help');
    expect(exitCode).to.equal(0);
    for (const word of ['forget gate', 'update gate', '--gate', '[unknown]']) expect(stdout).to.contain(word);
    expect(Math.max(...stdout.split('\n').map(line => line.length))).to.be.at.most(120);
  });
});
