import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import type { LayerDescription } from '../../lib/layers/layer.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { recurrentCell } from '../../lib/layers/recurrent-cell.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { highway } from '../../lib/layers/skip.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import type { Notation } from '../../lib/models/notation.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { add, matmul, tanh } from '../../lib/ops/index.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';

describe('a summary', () => {
  const backend = js();
  after(() => backend.close());
  const of = (...layers: LayerDescription[]) => sequential(layers, { backend, inputSize: 4 });
  /** Of each parameter that the summary lists, what stands in a column. */
  const listed = (text: string, column: string): Record<string, string> => {
    const [heading = '', , ...rows] = text.split('\n\n')[1]!.split('\n');
    const start = heading.indexOf(column);
    const end = heading.length - heading.slice(start).replace(/^\S+\s*/, '').length;
    return Object.fromEntries(rows.map(row => [row.split(' ')[0]!, row.slice(start, end).trim()]));
  };

  it('is a table of layers, and of parameters in a notation', () => {
    const model = of(rnn({ size: 3, bias: false, output: 'sequence' }), dense({ size: 1000, bias: false }));
    const layers = [
      'layer  type   reads  gives           parameters',
      '───────────────────────────────────────────────',
      'rnn    rnn    input  [tokens, 3]             21',
      'dense  dense  rnn    [tokens, 1000]       3,000',
    ];
    expect(model.summary().split('\n')).to.deep.equal([...layers, '3,021 parameters']);
    expect(model.summary({ notation: 'UVW' }).split('\n')).to.deep.equal([
      ...layers,
      '',
      'parameter            UVW  shape      numbers',
      '────────────────────────────────────────────',
      'rnn.inputWeight      U    [4, 3]          12',
      'rnn.recurrentWeight  W    [3, 3]           9',
      'dense.weight         V    [3, 1000]    3,000',
      '',
      '3,021 parameters',
    ]);
    expect(model.summary({ notation: 'UVW', parameters: false })).to.equal(model.summary());
    expect(model.summary({ parameters: true })).not.to.contain('UVW');
  });

  const letters: Record<Notation, readonly string[]> = {
    UVW: ['U', 'W', 'b', 'V', 'c'],
    W_h: ['W_x', 'W_h', 'b_h', 'W_y', 'b_y'],
    W_aa: ['W_ax', 'W_aa', 'b_a', 'W_ya', 'b_y'],
    W_hh: ['W_xh', 'W_hh', 'b_h', 'W_hy', 'b_y'],
  };
  for (const [notation, [input, recurrent, bias, weight, ofDense]] of Object.entries(letters))
    it(`calls the weights ${notation}`, () => {
      const text = of(rnn({ size: 3 }), dense({ size: 2 })).summary({ notation: notation as Notation });
      expect(listed(text, notation)).to.deep.equal({
        'rnn.inputWeight': input,
        'rnn.recurrentWeight': recurrent,
        'rnn.bias': bias,
        'dense.weight': weight,
        'dense.bias': ofDense,
      });
    });

  it('finds parameters within other layers, and has no letter for those that texts do not have', () => {
    const elman = recurrentCell({
      name: 'elman',
      parameters: ({ inputSize, size }) => ({ 'a.W': [inputSize, size], recurrentWeight: [size, size] }),
      step: ({ x, h }, { 'a.W': W, recurrentWeight: R }) => ({ h: tanh(add(matmul(x, W), matmul(h, R))) }),
    });
    const text = sequential(
      [
        embedding({ vocabulary: 9, size: 4 }),
        bidirectional(lstm({ size: 3, output: 'sequence', coupled: 'f', peepholes: true }), {
          backward: gru({ size: 1, output: 'sequence', bias: false }),
        }),
        highway(rnn({ size: 4, output: 'sequence', bias: false })),
        elman({ size: 2 }),
      ],
      { backend },
    ).summary({ notation: 'UVW' });
    expect(listed(text, 'UVW')).to.deep.equal({
      'embedding.weight': '',
      'bidirectional.forward.inputWeight': 'U',
      'bidirectional.forward.recurrentWeight': 'W',
      'bidirectional.forward.bias': 'b',
      'bidirectional.forward.peepholes': '',
      'bidirectional.backward.inputWeight': 'U',
      'bidirectional.backward.recurrentWeight': 'W',
      'highway.rnn.inputWeight': 'U',
      'highway.rnn.recurrentWeight': 'W',
      'highway.gateWeight': '',
      'highway.gateBias': '',
      'cell.a.W': '',
      'cell.recurrentWeight': '',
    });
    const gates = listed(text, 'gates');
    expect(gates['bidirectional.forward.bias']).to.equal('i g o');
    expect(gates['bidirectional.forward.peepholes']).to.equal('');
    expect(gates['bidirectional.backward.inputWeight']).to.equal('r z n');
    expect(gates['highway.rnn.inputWeight']).to.equal('');
  });

  it('counts the same however long the sequences are: every step has the same parameters', async () => {
    const model = of(lstm({ size: 3 }), dense({ size: 1 }));
    const before = model.summary();
    for (const steps of [10, 1000]) {
      const sequences = [Array.from({ length: steps }, () => [1, 0, -1, 0.5])];
      await model.fit(dataset({ sequences, targets: [[0]] }), { loss: meanSquaredError(), optimizer: sgd() });
      expect(model.summary()).to.equal(before);
    }
    expect(before).to.match(/\n100 parameters$/);
  });

  it('shows that a gru has three quarters of the parameters of an lstm', () => {
    const counted = (layer: LayerDescription) => Number(/(\d+) parameters$/.exec(of(layer).summary())?.[1]);
    expect(counted(gru({ size: 5 })) / counted(lstm({ size: 5 }))).to.equal(3 / 4);
  });

  it('refuses a notation that there is not', () => {
    expect(() => of(rnn({ size: 1 })).summary({ notation: 'toString' as Notation }))
      .to.throw(RangeError, 'summary: notation must be one of UVW, W_h, W_aa, W_hh, got toString')
      .with.property('code', 'ERR_ARGUMENT');
  });
});
