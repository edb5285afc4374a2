import { expect } from 'chai';
import { runMatrix, type Suite } from './matrix.ts';
import { Missing, type Platform } from './platform.ts';

describe('the matrix of platforms', () => {
  const platform = (prepare: Platform['prepare']): Platform => ({ name: 'p', isas: ['neon', 'scalar'], prepare });
  const node = platform(() => ({ command: process.execPath, args: [], environment: { ASKED: 'here' } }));
  const passing: Suite = () => ['-e', ''];
  const run = (of: Platform, suites: readonly Suite[]) => {
    const lines: string[] = [];
    const outcomes = runMatrix([of], suites, line => lines.push(line));
    return { outcomes, text: lines.join('\n') };
  };

  it('has a line per platform and instruction set, with the version of Node', () => {
    const { outcomes, text } = run(node, [passing]);
    expect(outcomes).to.deep.equal(['passed', 'passed']);
    expect(text).to.match(new RegExp(`^p +neon +Node ${process.versions.node} +passed .*\np +scalar .* passed .*$`));
  });

  it('runs every suite with the instruction set in the environment of the platform, and shows what a failing one said', () => {
    const failing: Suite = isa => [
      '-e',
      `console.log('${isa}', process.env.ASKED); process.exit(${isa === 'neon' ? 3 : 0})`,
    ];
    const { outcomes, text } = run(node, [passing, failing]);
    expect(outcomes).to.deep.equal(['failed', 'passed']);
    expect(text).to.match(/neon .* failed .*\nneon here\n/);
  });

  it('says what to install where something is missing', () => {
    const { outcomes, text } = run(
      platform(() => {
        throw new Missing('install qemu-user');
      }),
      [passing],
    );
    expect(outcomes).to.deep.equal(['not run here', 'not run here']);
    expect(text).to.match(/^p +neon +not run here +install qemu-user\np +scalar +not run here +install qemu-user$/);
  });

  it('fails where all is there and the addon does not build', () => {
    const { outcomes, text } = run(
      platform(() => {
        throw new Error('cmake failed');
      }),
      [passing],
    );
    expect(outcomes).to.deep.equal(['failed', 'failed']);
    expect(text).to.contain('cmake failed');
  });
});
