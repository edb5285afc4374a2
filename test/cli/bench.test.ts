import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { addon } from '../../lib/backend/load.ts';
import { writeClassifier } from './classifier.ts';
import { tellingRows, temporaryFolder, writeRows } from './folder.ts';
import { jsonLines, type Outcome, recurra } from './recurra.ts';

interface Times {
  readonly ms_median: number;
  readonly ms_min: number;
  readonly runs: number;
  readonly rows: number;
  readonly tokens: number;
  readonly tokens_per_s: number;
}

interface OperationRecord {
  readonly op: string;
  readonly ms: number;
  readonly share: number;
  readonly gflops?: number;
  readonly share_of_peak?: number;
  readonly gbs?: number;
  readonly share_of_bandwidth?: number;
}

interface Report {
  readonly model?: string;
  readonly parameters: number;
  readonly backend: string;
  readonly isa: string;
  readonly threads: number;
  readonly training: Times;
  readonly predicting: Times;
  readonly predicting_one: Times;
  readonly stream_step?: Times;
  readonly profile?: {
    readonly ms_mean: number;
    readonly peak_gflops?: number;
    readonly bandwidth_gbs?: number;
    readonly operations: readonly OperationRecord[];
  };
}

const small = ['--size', '5', '--embedding', '3', '--max-words', '20', '--batch', '4', '--length', '2-5'];
const quick = ['--seconds', '0.05'];
const parameters = 20 * 3 + 4 * 5 * (3 + 5 + 1) + 5 + 1;
const tokens = 5 + 4 + 3 + 2;

function reportOf({ exitCode, stdout, stderr }: Outcome): Report {
  expect(exitCode, stderr).to.equal(0);
  const lines = jsonLines(stdout);
  expect(lines).to.have.length(1);
  return lines[0] as unknown as Report;
}

function expectSense({ ms_median, ms_min, runs, tokens, tokens_per_s }: Times): void {
  expect(runs).to.be.at.least(3);
  expect(ms_min).to.be.above(0);
  expect(ms_median).to.be.at.least(ms_min);
  expect(tokens_per_s).to.be.closeTo((tokens * 1000) / ms_median, 1e-3 * tokens_per_s);
}

describe('recurra bench', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();

  before(async () => {
    const rows = tellingRows(['bad', 'good'], 20);
    writeRows(join(folder, 'rows.csv'), rows);
    await writeClassifier(join(folder, 'model.safetensors'), rows);
  });

  for (const backend of addon ? ['native', 'js'] : ['js'])
    describe(`on ${backend}`, () => {
      let report: Report;
      let plain: Outcome;
      before(async () => {
        const flags = [...small, ...quick, '--backend', backend, '--threads', '1'];
        report = reportOf(await recurra(folder, 'bench', ...flags, '--json', '--plot', `${backend}.svg`));
        plain = await recurra(folder, 'bench', ...flags, '--profile');
      });

      it('measures training, predicting a batch and a row, and a step of a stream', () => {
        const { training, predicting, predicting_one, stream_step } = report;
        expect(report).to.include({ backend, threads: 1, parameters }).and.not.to.have.property('model');
        for (const times of [training, predicting, predicting_one, stream_step!]) expectSense(times);
        expect(training).to.include({ rows: 4, tokens });
        expect(predicting).to.include({ rows: 4, tokens });
        expect(predicting_one).to.include({ rows: 1, tokens: 5 });
        expect(stream_step).to.include({ rows: 1, tokens: 1 });
        expect(training.ms_min).to.be.above(stream_step!.ms_min);
      });

      it('tells where the time of a training step goes', () => {
        const { ms_mean, operations } = report.profile!;
        const sum = (key: 'ms' | 'share') => operations.reduce((total, record) => total + record[key], 0);
        expect(ms_mean).to.be.at.least(report.training.ms_min);
        expect(sum('ms')).to.be.closeTo(ms_mean, 0.01 * ms_mean);
        expect(sum('share')).to.be.closeTo(1, 0.01);
        expect(operations.every(({ share }) => share >= 0 && share <= 1)).to.equal(true);
        expect(operations.map(({ op }) => op)).to.include.members([
          'lstm',
          'lstmGradient',
          'matmul',
          'adam',
          'outside',
        ]);
        expect(operations.at(-1)!.op).to.equal('outside');
      });

      it('sets products against the peak and all else against the bandwidth, where there are such', () => {
        const { peak_gflops, bandwidth_gbs, operations } = report.profile!;
        const inside = operations.slice(0, -1);
        for (const { op, gflops, gbs } of inside)
          expect(gflops === undefined, op)
            .to.equal(!/^(matmul|lstm.*)$/.test(op))
            .and.equal(gbs !== undefined);
        if (backend === 'js') {
          for (const record of [report.profile!, ...inside])
            expect(record).not.to.have.any.keys('peak_gflops', 'bandwidth_gbs', 'share_of_peak', 'share_of_bandwidth');
          return;
        }
        for (const { op, gflops, share_of_peak, gbs, share_of_bandwidth } of inside) {
          const [rate, share, limit] =
            gflops === undefined ? [gbs!, share_of_bandwidth!, bandwidth_gbs!] : [gflops, share_of_peak!, peak_gflops!];
          expect(limit).to.be.above(0);
          expect(share, op).to.be.closeTo(rate / limit, 1e-3 * share + 1e-6);
          if (gflops !== undefined) expect(share, op).to.be.within(0, 1.2);
        }
      });

      it('draws the same', () => {
        const svg = readFileSync(join(folder, `${backend}.svg`), 'utf8');
        expect(svg)
          .to.match(/^<svg /)
          .and.to.match(/>\d+ lstmGradient /);
      });

      it('prints tables for people', () => {
        const { exitCode, stdout, stderr } = plain;
        expect(exitCode, stderr).to.equal(0);
        expect(stderr).to.match(/^embedding 3, lstm 5, dense 1: 246 parameters; 4 rows of 2 to 5 steps$/m);
        expect(stdout).to.match(/^training, 4 rows( +[\d.,]+){4}$/m);
        expect(stdout).to.match(/^predicting, 4 rows( +[\d.,]+){4}$/m);
        expect(stdout).to.match(/^predicting, 1 row( +[\d.,]+){4}$/m);
        expect(stdout).to.match(/^a step of a stream( +[\d.,]+){3}$/m);
        expect(stdout).to.match(/^ *\d+ lstmGradient /m);
        if (backend === 'js')
          expect(stdout)
            .to.match(/^no shares/m)
            .and.not.to.match(/% of peak|% of bandwidth/);
        else
          expect(stdout)
            .to.match(/^limits: \d+ GF\/s.* GB\/s/m)
            .and.to.match(/% of peak.*% of bandwidth$/m);
      });
    });

  it('measures a trained model, without a word about what was not asked for', async () => {
    const before = readFileSync(join(folder, 'model.safetensors'));
    const report = reportOf(await recurra(folder, 'bench', 'model.safetensors', ...quick, '--batch', '3', '--json'));
    expect(report).to.include({ model: 'model.safetensors' }).and.not.to.have.property('profile');
    expect(report.training).to.include({ rows: 3, tokens: 3 * 100 }); // as much as its encoder reads of a text
    expect(readFileSync(join(folder, 'model.safetensors')).equals(before)).to.equal(true);
  });

  it('knows that a bidirectional model has no stream', async () => {
    const outcome = await recurra(folder, 'bench', ...small, ...quick, '--bidirectional', '--backend', 'js', '--json');
    expect(reportOf(outcome)).not.to.have.property('stream_step');
  });
});
