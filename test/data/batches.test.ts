import { expect } from 'chai';
import fc from 'fast-check';
import { type Batch, type BatchOptions, batchCount, batches } from '../../lib/data/batches.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { unpackRows } from '../../lib/data/ragged.ts';

/** Rows whose ids, length and class all tell the row's number. */
function numbered(rows: number) {
  const ids = Array.from({ length: rows }, (_, row) => new Int32Array((row * 7) % 13).fill(row));
  return dataset({ ids, classes: ids.map((_, row) => row) });
}

const rowsOf = (all: Iterable<Batch>) => [...all].map(({ rows }) => [...rows]);

describe('batches', () => {
  it('keeps the order of the dataset unless told otherwise, and ends with a smaller batch', () => {
    expect(rowsOf(batches(numbered(7), { batchSize: 3 }))).to.deep.equal([[0, 1, 2], [3, 4, 5], [6]]);
    expect(rowsOf(batches(numbered(7), { batchSize: 3, dropLast: true }))).to.deep.equal([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(rowsOf(batches(numbered(0)))).to.deep.equal([]);
  });

  const options = fc.record({
    batchSize: fc.integer({ min: 1, max: 9 }),
    bucketing: fc.boolean(),
    dropLast: fc.boolean(),
    shuffle: fc.oneof(fc.constant(false as const), fc.record({ seed: fc.nat(), epoch: fc.nat(100) })),
  });

  it('gives every row once, in as many batches as batchCount says, and the same ones again', () => {
    fc.assert(
      fc.property(fc.nat(900), options, (rows, options: BatchOptions) => {
        const data = numbered(rows);
        const all = rowsOf(batches(data, options));
        expect(all.length).to.equal(batchCount(data, options));
        const seen = all.flat();
        expect(new Set(seen).size).to.equal(seen.length);
        expect(seen.length).to.equal(options.dropLast ? rows - (rows % options.batchSize!) : rows);
        expect(rowsOf(batches(data, options))).to.deep.equal(all);
      }),
      { numRuns: 60 },
    );
  });

  it('packs ids and targets of the rows it names, in their order', () => {
    for (const batch of batches(numbered(40), { batchSize: 8, bucketing: true, shuffle: { seed: 1, epoch: 1 } })) {
      const { input, targets, rows, tokens, size } = batch;
      if (input.kind !== 'ids') throw new Error('expected ids');
      expect(size).to.equal(rows.length);
      expect(tokens).to.equal(input.values.length);
      const sequences = unpackRows(input.values, 1, input.layout);
      expect(sequences).to.deep.equal(Array.from(rows, row => new Int32Array((row * 7) % 13).fill(row)));
      expect(targets).to.deep.equal({ per: 'sequence', size: 1, values: rows });
    }
  });

  it('packs numeric sequences, and token targets in the order of the layout', () => {
    const sequences = [[1, 2], [], [3, 4, 5]].map(values => Float64Array.from(values));
    const data = dataset({ sequences, classes: [[10, 20], [], [30, 40, 50]], per: 'token' });
    const [batch] = batches(data);
    expect(batch!.input).to.deep.include({ kind: 'sequence', size: 1, values: Float64Array.of(3, 1, 4, 2, 5) });
    expect(batch!.targets).to.deep.include({ per: 'token', size: 1, values: Int32Array.of(30, 10, 40, 20, 50) });
    const single = dataset({ sequences: sequences.map(row => Float32Array.from(row)), targets: [[1], [2], [3]] });
    expect([...batches(single)][0]!.input.values).to.be.instanceOf(Float32Array);
    const perToken = dataset({
      sequences,
      targets: [
        [
          [1, 2],
          [3, 4],
        ],
        [],
        [
          [5, 6],
          [7, 8],
          [9, 10],
        ],
      ],
      per: 'token',
    });
    expect([...[...batches(perToken)][0]!.targets!.values]).to.deep.equal([5, 6, 1, 2, 7, 8, 3, 4, 9, 10]);
  });

  it('gathers vectors and counts them as tokens', () => {
    const data = dataset({
      vectors: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      targets: [0.1, 0.2, 0.3],
    });
    const [, last] = [...batches(data, { batchSize: 2 })];
    const input = { kind: 'vector', size: 2, values: Float64Array.of(5, 6) } as const;
    expect(last).to.deep.equal({
      size: 1,
      rows: Int32Array.of(2),
      tokens: 1,
      inputs: { input },
      input,
      targets: { per: 'sequence', size: 1, values: Float64Array.of(0.3) },
    });
  });

  it('draws another order for another seed and for another epoch', () => {
    const data = numbered(100);
    const order = (seed: number, epoch: number) => rowsOf(batches(data, { shuffle: { seed, epoch } })).flat();
    expect(order(1, 1)).not.to.deep.equal(order(1, 2));
    expect(order(1, 1)).not.to.deep.equal(order(2, 1));
  });

  it('puts rows of like length together when bucketing, and mixes the order of the batches', () => {
    const lengths = (batch: Batch) => {
      if (batch.input.kind === 'vector') throw new Error('expected sequences');
      return batch.input.layout.steps - batch.tokens / batch.size;
    };
    const spread = (bucketing: boolean) =>
      [...batches(numbered(640), { batchSize: 16, bucketing, shuffle: { seed: 5, epoch: 1 } })]
        .map(lengths)
        .reduce((sum, value) => sum + value, 0);
    expect(spread(true)).to.be.below(spread(false) / 5);
    const steps = [...batches(numbered(640), { batchSize: 16, bucketing: true, shuffle: { seed: 5, epoch: 1 } })].map(
      ({ tokens }) => tokens,
    );
    expect(steps).not.to.deep.equal(steps.toSorted((a, b) => b - a));
  });

  it('counts the steps of all inputs, and sorts by them when bucketing', () => {
    const ids = (lengths: readonly number[]) => ({ ids: lengths.map(length => new Int32Array(length)) });
    const inputs = {
      source: ids([1, 5, 0, 2]),
      target: { sequences: [4, 2, 1, 4].map(length => new Float32Array(2 * length)), size: 2 },
    };
    const cut = [...batches(dataset({ inputs }), { batchSize: 2, bucketing: true })];
    expect(cut.map(({ rows }) => [...rows])).to.deep.equal([
      [1, 3],
      [0, 2],
    ]);
    expect(cut.map(({ tokens }) => tokens)).to.deep.equal([13, 6]);
  });

  it('leaves out rows of any length when it drops the last batch', () => {
    const data = dataset({ ids: Array.from({ length: 101 }, (_, row) => new Int32Array(row)) });
    const dropped = Array.from({ length: 8 }, (_, epoch) => {
      const kept = rowsOf(
        batches(data, { batchSize: 50, bucketing: true, dropLast: true, shuffle: { seed: 1, epoch } }),
      );
      return 5050 - kept.flat().reduce((sum, row) => sum + row, 0);
    });
    expect(Math.max(...dropped)).to.be.above(20); // sorting first would drop the shortest every time
  });

  it('refuses a batch size that is no whole number', () => {
    for (const batchSize of [0, 1.5, -1])
      expect(() => [...batches(numbered(3), { batchSize })])
        .to.throw(RangeError, 'batchSize')
        .with.property('code', 'ERR_ARGUMENT');
  });
});
