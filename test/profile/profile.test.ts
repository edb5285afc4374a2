import { expect } from 'chai';
import { profile } from '../../lib/profile/profile.ts';

describe('a profile', () => {
  it('is of the runs after those that warm up', async () => {
    let all = 0;
    let untold = 0;
    const profiled = {
      program: { buffers: [], steps: [] },
      feeds: { sizes: {}, values: {} },
      run: async () => {
        all++;
        untold++;
      },
      times: () => [untold, (untold = 0)],
    };
    const { runs, seconds } = await profile(profiled, { seconds: 1e-9 });
    expect(runs).to.equal(3);
    expect(seconds[0]).to.equal(runs);
    expect(all).to.be.above(runs);
  });
});
