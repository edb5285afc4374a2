import { expect } from 'chai';
import { Random } from '../../lib/random/random.ts';

describe('Random', () => {
  it('repeats its numbers for a seed and a stream, and differs between seeds and between streams', () => {
    const draw = (seed: number, stream?: number) => {
      const random = new Random(seed, stream);
      return Array.from({ length: 20 }, () => random.word());
    };
    expect(draw(7)).to.deep.equal(draw(7, 0));
    expect(draw(7)).not.to.deep.equal(draw(8));
    expect(draw(7, 1)).not.to.deep.equal(draw(7, 2));
  });

  it('starts with the words of the first Philox block', () => {
    const random = new Random(0);
    expect([random.word(), random.word(), random.word(), random.word()]).to.deep.equal([
      0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8,
    ]);
  });

  it('draws uniform numbers in [0, 1) with mean 1/2 and variance 1/12', () => {
    const { mean, variance, least, greatest } = moments(new Random(1), random => random.uniform());
    expect(least).to.be.at.least(0);
    expect(greatest).to.be.below(1);
    expect(mean).to.be.closeTo(0.5, 0.005); // 100,000 draws: six standard errors
    expect(variance).to.be.closeTo(1 / 12, 0.002);
  });

  it('draws normal numbers with mean 0, variance 1 and the tails of a normal distribution', () => {
    let beyondTwo = 0;
    const { mean, variance } = moments(new Random(2), random => {
      const value = random.normal();
      if (Math.abs(value) > 2) beyondTwo++;
      return value;
    });
    expect(mean).to.be.closeTo(0, 0.02);
    expect(variance).to.be.closeTo(1, 0.03);
    expect(beyondTwo / count).to.be.closeTo(0.0455, 0.004);
  });

  it('draws each whole number below a bound equally often', () => {
    const random = new Random(3);
    const seen = new Array<number>(6).fill(0);
    for (let draw = 0; draw < 60_000; draw++) seen[random.below(6)]!++;
    for (const times of seen) expect(times).to.be.closeTo(10_000, 600);
    expect(random.below(1)).to.equal(0);
    expect(random.below(2 ** 32)).to.be.below(2 ** 32);
  });

  it('is fair for a bound that does not divide 2³²', () => {
    const random = new Random(4);
    const bound = 3 * 2 ** 30; // a plain remainder would give the lowest third twice as often
    let lowest = 0;
    for (let draw = 0; draw < 30_000; draw++) if (random.below(bound) < 2 ** 30) lowest++;
    expect(lowest / 30_000).to.be.closeTo(1 / 3, 0.02);
  });

  it('shuffles arrays and typed arrays in place, every order equally often', () => {
    const random = new Random(5);
    const array = [1, 2, 3];
    expect(random.shuffle(array)).to.equal(array);
    const orders = new Map<string, number>();
    for (let draw = 0; draw < 60_000; draw++) {
      const order = random.shuffle(Int32Array.of(1, 2, 3)).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).to.equal(6);
    for (const times of orders.values()) expect(times).to.be.closeTo(10_000, 600);
  });

  it('refuses seeds, streams and bounds outside their range', () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 32])
      expect(() => new Random(seed))
        .to.throw(RangeError, 'seed')
        .with.property('code', 'ERR_ARGUMENT');
    expect(() => new Random(1, -1))
      .to.throw(RangeError, 'stream')
      .with.property('code', 'ERR_ARGUMENT');
    for (const bound of [0, 1.5, 2 ** 33])
      expect(() => new Random(1).below(bound))
        .to.throw(RangeError, 'bound')
        .with.property('code', 'ERR_ARGUMENT');
  });
});

const count = 100_000;

function moments(random: Random, draw: (random: Random) => number) {
  const values = Float64Array.from({ length: count }, () => draw(random));
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
  return { mean, variance, least, greatest };
}
