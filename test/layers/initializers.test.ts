import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import { type Initializer, initializer } from '../../lib/layers/initializers.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { Random } from '../../lib/random/random.ts';
import { codeOf } from '../code-of.ts';

describe('initializers', () => {
  const [rows, columns] = [120, 200];
  const count = rows * columns;
  const draw = (name: Initializer) => initializer(name)(rows, columns, new Random(1));
  const deviation = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / count);

  const deviations: Partial<Record<Initializer, number>> = {
    uniform: 0.05 / Math.sqrt(3),
    normal: 0.05,
    glorotUniform: Math.sqrt(2 / (rows + columns)),
    glorotNormal: Math.sqrt(2 / (rows + columns)),
    heUniform: Math.sqrt(2 / rows),
    heNormal: Math.sqrt(2 / rows),
    lecunUniform: Math.sqrt(1 / rows),
    lecunNormal: Math.sqrt(1 / rows),
    orthogonal: Math.sqrt(1 / columns),
  };
  for (const [name, expected] of Object.entries(deviations) as [Initializer, number][])
    it(`${name} draws with its deviation about zero`, () => {
      const values = draw(name);
      expect(values).to.have.length(count);
      // The deviation of n draws strays from the true one by 1/√(2n) of it, or less where tails are light; the mean by 1/√n.
      expect(deviation(values) / expected).to.be.closeTo(1, 4 / Math.sqrt(2 * count));
      expect(values.reduce((sum, value) => sum + value, 0) / count).to.be.closeTo(0, (4 * expected) / Math.sqrt(count));
      const bound = expected * Math.sqrt(3) * (1 + 1e-12);
      const beyond = values.filter(value => Math.abs(value) > bound).length / count;
      if (name.toLowerCase().endsWith('uniform')) expect(beyond).to.equal(0);
      else expect(beyond).to.be.closeTo(0.083, 0.01); // of a normal distribution beyond √3 deviations
    });

  it('know what DLPy calls them', () => {
    for (const [alias, name] of [
      ['XAVIER', 'glorotUniform'],
      ['MSRA', 'heNormal'],
      ['UNIFORM', 'uniform'],
      ['NORMAL', 'normal'],
    ] as const)
      expect(draw(alias)).to.deep.equal(draw(name));
  });

  it('are what layers start from, by name', () => {
    const backend = js();
    const model = sequential(
      [
        embedding({ vocabulary: 3, size: 2, initializer: 'ones' }),
        gru({ size: 2, output: 'sequence', initializer: 'zeros', recurrentInitializer: 'identity' }),
        rnn({ size: 2, recurrentInitializer: 'identity' }),
        dense({ size: 2, initializer: 'identity' }),
      ],
      { backend },
    );
    const values = (name: string) => [...model.parameter(name)!.values];
    expect(values('embedding.weight')).to.deep.equal([1, 1, 1, 1, 1, 1]);
    expect(values('gru.inputWeight')).to.deep.equal(new Array(12).fill(0));
    expect(values('gru.recurrentWeight')).to.deep.equal([1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1]);
    expect(values('rnn.recurrentWeight')).to.deep.equal([1, 0, 0, 1]);
    expect(values('dense.weight')).to.deep.equal([1, 0, 0, 1]);
    return backend.close();
  });

  it('are refused by other names', () => {
    for (const wrong of [
      () => dense({ size: 1, initializer: 'xavier' as Initializer }),
      () => embedding({ vocabulary: 1, size: 1, initializer: 'toString' as Initializer }),
      () => lstm({ size: 1, recurrentInitializer: 'he' as Initializer }),
    ])
      expect(codeOf(wrong)).to.equal('ERR_ARGUMENT');
  });
});
