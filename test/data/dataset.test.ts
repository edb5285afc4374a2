import { expect } from 'chai';
import { type Dataset, dataset, holdOut } from '../../lib/data/dataset.ts';

function rowsOf(data: Dataset): number[][] {
  const { input } = data;
  if (input.kind !== 'vector') return input.rows.map(row => [...row]);
  return Array.from({ length: data.length }, (_, row) => [
    ...input.values.subarray(row * input.size, (row + 1) * input.size),
  ]);
}

describe('dataset', () => {
  it('takes token ids with a class per sequence', () => {
    const data = dataset({ ids: [[4, 8, 15], [], Int32Array.of(16)], classes: [0, 1, 1] });
    expect(data.length).to.equal(3);
    expect(data.input).to.deep.equal({
      kind: 'ids',
      size: 1,
      rows: [Int32Array.of(4, 8, 15), new Int32Array(), Int32Array.of(16)],
    });
    expect(data.targets).to.deep.equal({ per: 'sequence', size: 1, values: Int32Array.of(0, 1, 1) });
  });

  it('takes a class per token', () => {
    const data = dataset({ ids: [[4, 8, 15], []], classes: [[0, 1, 0], []], per: 'token' });
    expect(data.targets).to.deep.equal({ per: 'token', size: 1, rows: [Int32Array.of(0, 1, 0), new Int32Array()] });
  });

  it('takes sequences as vectors, as flat arrays of a size, and as one number a step', () => {
    const nested = dataset({
      sequences: [
        [
          [1, 2],
          [3, 4],
        ],
        [],
        [[5, 6]],
      ],
    });
    expect(nested.input).to.deep.equal({
      kind: 'sequence',
      size: 2,
      rows: [Float64Array.of(1, 2, 3, 4), new Float64Array(), Float64Array.of(5, 6)],
    });
    const flat = Float32Array.of(1, 2, 3, 4);
    const kept = dataset({ sequences: [flat], size: 2 }).input;
    expect(kept).to.deep.equal({ kind: 'sequence', size: 2, rows: [flat] });
    expect(kept.kind === 'sequence' && kept.rows[0]).to.equal(flat);
    expect(dataset({ sequences: [[1, 2, 3]] }).input.size).to.equal(1);
  });

  it('takes real targets per sequence or per step, one number or a vector each', () => {
    const sequences = [[[1], [2]], [[3]]];
    expect(dataset({ sequences, targets: [0.5, 1.5] }).targets).to.deep.equal({
      per: 'sequence',
      size: 1,
      values: Float64Array.of(0.5, 1.5),
    });
    expect(
      dataset({
        sequences,
        targets: [
          [1, 2],
          [3, 4],
        ],
      }).targets,
    ).to.deep.include({ per: 'sequence', size: 2 });
    expect(dataset({ sequences, targets: [[0.5, 1.5], [2.5]], per: 'token' }).targets).to.deep.equal({
      per: 'token',
      size: 1,
      rows: [Float64Array.of(0.5, 1.5), Float64Array.of(2.5)],
    });
    expect(
      dataset({
        sequences,
        targets: [
          [
            [1, 2],
            [3, 4],
          ],
          [[5, 6]],
        ],
        per: 'token',
      }).targets,
    ).to.deep.equal({
      per: 'token',
      size: 2,
      rows: [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6)],
    });
  });

  it('takes vectors without a time axis, as float32 where all are', () => {
    const data = dataset({ vectors: [Float32Array.of(1, 2), Float32Array.of(3, 4)], classes: [1, 0] });
    expect(data.length).to.equal(2);
    expect(data.input).to.deep.equal({ kind: 'vector', size: 2, values: Float32Array.of(1, 2, 3, 4) });
  });

  it('takes several inputs, with token targets as long as one of them', () => {
    const inputs = { image: { vectors: [[1], [2]] }, source: { ids: [[1, 2], []] }, target: { ids: [[3], [4, 5]] } };
    const data = dataset({ inputs, classes: [[0], [1, 2]], per: 'token' });
    expect(data.length).to.equal(2);
    expect(Object.keys(data.inputs)).to.deep.equal(['image', 'source', 'target']);
    expect(data.input).to.equal(data.inputs.image);
    expect(data.targets).to.deep.equal({ per: 'token', size: 1, rows: [Int32Array.of(0), Int32Array.of(1, 2)] });
    const second = data.slice(1);
    expect(second.inputs.source).to.deep.equal({ kind: 'ids', size: 1, rows: [new Int32Array()] });
    expect(second.inputs.target).to.deep.equal({ kind: 'ids', size: 1, rows: [Int32Array.of(4, 5)] });
    expect(second.inputs.image).to.deep.equal({ kind: 'vector', size: 1, values: Float64Array.of(2) });
  });

  it('takes numbers for each step of the input that they are as many for as they are given', () => {
    const inputs = { half: { ids: [[1, 2]] }, whole: { ids: [[1, 2, 3, 4]] } };
    const sizeOf = (targets: number[][] | number[][][]) => dataset({ inputs, targets, per: 'token' }).targets!.size;
    expect(sizeOf([[5, 6, 7, 8]])).to.equal(1);
    expect(
      sizeOf([
        [
          [5, 6],
          [7, 8],
        ],
      ]),
    ).to.equal(2);
    expect(sizeOf([[5, 6]])).to.equal(1);
    expect(sizeOf([[5, 6, 7, 8, 9, 10]])).to.equal(3);
  });

  it('may have no targets and no rows', () => {
    expect(dataset({ ids: [] }).length).to.equal(0);
    expect(dataset({ ids: [[1]] }).targets).to.equal(undefined);
  });

  const refused: readonly [string, () => Dataset, string][] = [
    ['targets of another count', () => dataset({ ids: [[1], [2]], classes: [0] }), '1 classes for 2 rows'],
    ['two kinds of input', () => dataset({ ids: [[1]], vectors: [[1]] }), 'got ids and vectors'],
    ['no input', () => dataset({} as never), 'got none'],
    ['no input among several', () => dataset({ inputs: {} }), 'inputs has no input'],
    [
      'an input beside several',
      () => dataset({ inputs: { a: { ids: [[1]] } }, ids: [[1]] } as never),
      'each has its ids, sequences or vectors inside',
    ],
    [
      'two kinds of one of several',
      () => dataset({ inputs: { a: {} as never } }),
      'expected one of a.ids, a.sequences',
    ],
    [
      'inputs of several counts',
      () => dataset({ inputs: { a: { ids: [[1]] }, b: { ids: [] } } }),
      'a has 1 rows, b has 0; row i of one goes with row i of the other',
    ],
    [
      'token targets as long as no input',
      () => dataset({ inputs: { a: { ids: [[1]] }, b: { ids: [[1, 2]] } }, classes: [[1, 2, 3]], per: 'token' }),
      'the lengths of classes are those of no input; expected as many in each row as it has steps in one of a, b',
    ],
    ['an input that is no array', () => dataset({ ids: 'text' as never }), 'ids must be an array, got "text"'],
    ['ids that are no whole numbers', () => dataset({ ids: [[1, 2.5]] }), 'ids[0][1] must be a whole number, got 2.5'],
    ['text among numbers', () => dataset({ sequences: [[1, '2' as never]] }), 'sequences[0][1] must be a number'],
    ['vectors of several widths', () => dataset({ vectors: [[1, 2], [3]] }), 'vectors[1] has 1 numbers, expected 2'],
    ['steps of several widths', () => dataset({ sequences: [[[1, 2]], [[3]]] }), 'sequences[1] has 1 numbers'],
    [
      'flat arrays that are no whole number of steps',
      () => dataset({ sequences: [Float32Array.of(1, 2, 3)], size: 2 }),
      'sequences[0] has 3 numbers, expected 2 a step',
    ],
    [
      'token targets that miss a step',
      () => dataset({ ids: [[1], [1, 2]], classes: [[0], [0]], per: 'token' }),
      'classes[1] has 1 numbers for 2 steps',
    ],
    [
      'token targets of vectors',
      () => dataset({ vectors: [[1]], classes: [[0]], per: 'token' }),
      'vectors have no steps',
    ],
    [
      'classes and targets at once',
      () => dataset({ ids: [[1]], classes: [1], targets: [1] } as never),
      'classes or targets, got both',
    ],
  ];
  for (const [what, make, message] of refused)
    it(`refuses ${what}`, () => {
      expect(make).to.throw(Error, message).with.property('code', 'ERR_DATA');
    });
});

describe('Dataset', () => {
  const kinds = {
    ids: dataset({ ids: [[1], [2, 2], [3], [4]], classes: [10, 20, 30, 40] }),
    sequences: dataset({ sequences: [[1], [2, 2], [3], [4]], targets: [[10], [20, 20], [30], [40]], per: 'token' }),
    vectors: dataset({ vectors: [[1], [2], [3], [4]], targets: [[10], [20], [30], [40]] }),
  };

  for (const [kind, data] of Object.entries(kinds)) {
    const targetsOf = ({ targets }: Dataset) =>
      targets?.per === 'token' ? targets.rows.map(row => row[0]) : [...targets!.values];

    it(`selects, slices and shuffles rows of ${kind} together with their targets`, () => {
      const selected = data.select(Int32Array.of(3, 0, 3));
      expect(rowsOf(selected).map(row => row[0])).to.deep.equal([4, 1, 4]);
      expect(targetsOf(selected)).to.deep.equal([40, 10, 40]);
      expect(rowsOf(data.slice(1, -1)).map(row => row[0])).to.deep.equal([2, 3]);
      const shuffled = data.shuffled(3);
      expect(targetsOf(shuffled)).to.deep.equal(rowsOf(shuffled).map(row => row[0]! * 10));
      expect(rowsOf(shuffled).map(row => row[0])).to.have.members([1, 2, 3, 4]);
      expect(targetsOf(shuffled)).to.deep.equal(targetsOf(data.shuffled(3)));
    });
  }

  it('is shuffled differently by different seeds', () => {
    const data = dataset({ ids: Array.from({ length: 50 }, (_, row) => [row]) });
    expect(rowsOf(data.shuffled(1))).not.to.deep.equal(rowsOf(data));
    expect(rowsOf(data.shuffled(1))).not.to.deep.equal(rowsOf(data.shuffled(2)));
  });
});

describe('holdOut', () => {
  const of = (length: number) => dataset({ vectors: Array.from({ length }, (_, row) => [row]) });

  it('takes the last rows as they stand, rounding as Keras does', () => {
    const { training, validation } = holdOut(of(11), 0.3); // floor(11 × 0.7) = 7
    expect(rowsOf(training).flat()).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    expect(rowsOf(validation).flat()).to.deep.equal([7, 8, 9, 10]);
    expect(holdOut(of(25_000), 0.2).validation.length).to.equal(5000);
  });

  it('refuses a share that is none, and one that leaves a side empty', () => {
    for (const share of [0, 1, -0.1, Number.NaN])
      expect(() => holdOut(of(10), share))
        .to.throw(RangeError, 'share')
        .with.property('code', 'ERR_ARGUMENT');
    expect(() => holdOut(of(1), 0.5))
      .to.throw(RangeError, '1 rows')
      .with.property('code', 'ERR_DATA');
  });
});
