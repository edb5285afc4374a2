import { expect } from 'chai';
import { Stages, stageLine } from '../../lib/cli/stages.ts';
import { Terminal, wipeLine } from './terminal.ts';

describe('stageLine', () => {
  it('shows what is going on, a bar over all stages, and the time left', () => {
    expect(stageLine('training', 0.4, 7, 80)).to.equal(
      `  training  ${'━'.repeat(12)}${'─'.repeat(18)}  40 %  0:07 left`,
    );
  });

  it('is never wider than the terminal', () => {
    for (let width = 80; width > 0; width--)
      expect(stageLine('training', 0.4, 7, width).length, `at ${width}`).to.be.at.most(width);
  });
});

describe('Stages', () => {
  const walk = (terminal: Terminal) => {
    const stages = new Stages(terminal, { first: 1, none: 0, second: 3 });
    const first = stages.enter('first');
    first(0.5);
    first(1);
    stages.enter('second')(1);
    stages.stop();
    return terminal.written;
  };

  it('draws how far the stages are on a terminal, and wipes it out in the end', () => {
    const written = walk(new Terminal(true));
    expect(written).to.match(/second.*100 % {2}0:00 left/);
    expect(written.endsWith(wipeLine)).to.equal(true);
  });

  it('writes nothing where there is no terminal', () => {
    expect(walk(new Terminal(false))).to.equal('');
  });
});
