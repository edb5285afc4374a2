import { expect } from 'chai';
import { batchMatmul } from '../../lib/ops/batch-matmul.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, reals } from './evaluate.ts';

const transposes = [false, true].flatMap(transposeA => [false, true].map(transposeB => ({ transposeA, transposeB })));
const turned = (shape: readonly number[], turn: boolean) =>
  turn ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;

describe('batchMatmul', () => {
  it('multiplies matrix by matrix', () => {
    const a = reals([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    const b = reals([2, 2, 1], [1, -1, 2, 3]);
    const { y } = evaluate({ a, b }, ({ a, b }) => ({ y: batchMatmul(a!, b!) }));
    expect(y).to.deep.equal([-1, -1, 28, 38]);
  });

  for (const options of transposes)
    it(`agrees with sums and with finite differences, ${JSON.stringify(options)}`, () => {
      for (const [lead, m, k, n] of [
        [[3], 2, 4, 5],
        [[2, 3], 1, 3, 1],
        [[], 2, 3, 4],
      ] as const) {
        const a = drawn(turned([...lead, m, k], options.transposeA));
        const b = drawn(turned([...lead, k, n], options.transposeB), [-1, 1], 6);
        const build = ({ a, b }: Record<string, Parameters<typeof batchMatmul>[0]>) => ({
          y: batchMatmul(a!, b!, options),
        });
        const { y } = evaluate({ a, b }, build);
        const count = lead.reduce<number>((product, extent) => product * extent, 1);
        for (let p = 0; p < count; p++)
          for (let i = 0; i < m; i++)
            for (let j = 0; j < n; j++) {
              let sum = 0;
              for (let l = 0; l < k; l++) {
                const left = options.transposeA ? l * m + i : i * k + l;
                const right = options.transposeB ? j * k + l : l * n + j;
                sum += a.values[p * m * k + left]! * b.values[p * k * n + right]!;
              }
              expect(y![(p * m + i) * n + j]).to.be.closeTo(sum, 1e-14);
            }
        checkGradients({ inputs: { a, b }, build });
      }
    });

  it('differentiates its gradient too', () => {
    checkGradients({
      inputs: { a: drawn([2, 3, 4]), b: drawn([2, 4, 3], [-1, 1], 6) },
      build: ({ a, b }) => ({ y: batchMatmul(batchMatmul(a!, b!), a!) }),
    });
  });

  it('refuses shapes that do not fit', () => {
    const recording = new Recording('train');
    const feed = (name: string, ...shape: (number | string)[]) => recording.feed(name, shape);
    const a = feed('a', 'batch', 2, 3);
    expect(() => batchMatmul(a, feed('b', 'batch', 2, 3)))
      .to.throw(RangeError, 'batchMatmul: a [batch, 2, 3] · b [batch, 2, 3]: a has 3 columns, b 2 rows')
      .with.property('code', 'ERR_SHAPE');
    expect(() => batchMatmul(a, feed('c', 4, 3, 2))).to.throw(RangeError, 'the leading axes do not match');
    expect(() => batchMatmul(a, feed('d', 3, 2))).to.throw(RangeError, 'equally many axes');
  });
});
