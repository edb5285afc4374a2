import { expect } from 'chai';
import { distance } from '../../bench/agreement.ts';
import { layerEntry } from '../../bench/contenders/recurra-layer.ts';
import { workload } from '../../bench/workloads.ts';
import { js } from '../../lib/index.ts';

describe('bench: one layer, forward and backward', () => {
  const backend = js();
  const answerOf = (name: string, options = {}) => layerEntry(workload(name)!, backend, options).answer();

  it('answers the same for ragged sequences and for padded ones', async () => {
    const name = 'W4R-LSTM-5x9x3x4-uniform';
    const [ragged, padded] = [await answerOf(name), await answerOf(name, { padded: true })];
    expect(ragged.tensors).to.have.all.keys(
      ...['y', 'x', 'recurrent0.inputWeight', 'recurrent0.recurrentWeight', 'recurrent0.bias'],
    );
    // The same additions, with zeros among them.
    expect(distance(ragged, padded)).to.be.below(1e-6);
  });

  it('answers the same where its lstm is written by hand', async () => {
    const name = 'W4R-LSTM-5x9x3x4-uniform';
    expect(distance(await answerOf(name), await answerOf(name, { written: true }))).to.be.below(1e-6);
  });

  it('leaves the gradient of the input out, and changes no other, where it is not wanted', async () => {
    const { x, ...others } = (await answerOf('W4-LSTM-2x5x3x4')).tensors;
    expect(x![0]).to.be.above(0);
    expect((await answerOf('W4F-LSTM-2x5x3x4')).tensors).to.deep.equal(others);
  });
});
