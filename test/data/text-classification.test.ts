import { expect } from 'chai';
import type { Dataset } from '../../lib/data/dataset.ts';
import { encodeRows, textClassification } from '../../lib/data/text-classification.ts';
import { rejection } from './readers/rejection.ts';

/** Sorted by label, as files often are. */
const rows = Array.from({ length: 100 }, (_, row) => ({
  text: `${row < 50 ? 'good' : 'bad'} row${row}`,
  label: row < 50 ? 'positive' : 'negative',
}));

const classesOf = ({ targets }: Dataset) => [...(targets?.per === 'sequence' ? targets.values : [])];
const textsOf = ({ input, encoder }: Dataset) =>
  input.kind === 'ids' ? input.rows.map(row => encoder!.tokenizer.decode(row)) : [];

describe('textClassification', () => {
  it('permutes rows before it sets the last ones apart, so that both sides have all labels', async () => {
    const { train, test } = await textClassification(rows);
    expect([train.length, test.length]).to.deep.equal([80, 20]);
    for (const side of [train, test]) expect(new Set(classesOf(side)).size).to.equal(2);
    expect(classesOf(train).reduce((sum, value) => sum + value, 0)).to.be.within(30, 50);
  });

  it('keeps text and label of a row together', async () => {
    const { train, test, encoder } = await textClassification(rows);
    expect(encoder.labels).to.deep.equal(['negative', 'positive']);
    for (const side of [train, test])
      textsOf(side).forEach((text, row) => {
        expect(text.startsWith('good')).to.equal(classesOf(side)[row] === 1);
      });
  });

  it('learns words from the training rows alone', async () => {
    const { train, test, encoder } = await textClassification(rows);
    const known = new Set(encoder.tokenizer.data.tokens);
    expect(textsOf(train).every(text => !text.includes('[unknown]'))).to.equal(true);
    expect(textsOf(test).every(text => text.endsWith(' [unknown]'))).to.equal(true);
    expect(known.size).to.equal(82);
    expect(encoder.vocabulary).to.equal(2500);
  });

  it('gives the same rows for the same seed, others for another', async () => {
    const texts = async (seed: number) => textsOf((await textClassification(rows, { seed })).train);
    expect(await texts(1)).to.deep.equal(await texts(1));
    expect(await texts(1)).not.to.deep.equal(await texts(2));
  });

  it('keeps the last words of long texts, or the first, and limits the vocabulary', async () => {
    const long = ['a', 'b'].map(label => ({ text: `${label} x y z`, label }));
    const many = Array.from({ length: 10 }, () => long).flat();
    const last = await textClassification(many, { maxLength: 2, maxWords: 6, firstWordId: 4 });
    expect(last.encoder.vocabulary).to.equal(6);
    const ids = last.train.input.kind === 'ids' ? [...last.train.input.rows[0]!] : [];
    expect(ids).to.deep.equal([5, 2]); // y and z: x and y are the most frequent words
    const first = await textClassification(many, { maxLength: 2, truncate: 'back' });
    expect(textsOf(first.train)[0]).to.match(/^[ab] x$/);
  });

  it('sorts labels, numbers by value', async () => {
    const labelled = (labels: string[]) => labels.flatMap(label => [1, 2, 3].map(() => ({ text: 'a', label })));
    const labelsOf = async (labels: string[]) => (await textClassification(labelled(labels))).encoder.labels;
    expect(await labelsOf(['10', '9', '-1'])).to.deep.equal(['-1', '9', '10']);
    expect(await labelsOf(['b', 'Z', 'a', '10'])).to.deep.equal(['10', 'Z', 'a', 'b']);
  });

  it('reads rows from a stream', async () => {
    async function* stream() {
      yield* rows;
    }
    expect((await textClassification(stream(), { testShare: 0.5 })).test.length).to.equal(50);
  });

  it('refuses data that has nothing to learn', async () => {
    const cases = [
      [[], 'there are no rows'],
      [rows.slice(0, 10), 'all 10 rows have the label positive'],
      [[...rows, { text: 'x', label: '' }], 'row 101 has no label'],
    ] as const;
    for (const [data, message] of cases) {
      const error = await rejection(textClassification(data));
      expect(error).to.have.property('code', 'ERR_DATA');
      expect(error.message).to.contain(message);
    }
    expect(await rejection(textClassification(rows, { testShare: 1 }))).to.have.property('code', 'ERR_ARGUMENT');
  });

  it('ends when its signal is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    expect((await rejection(textClassification(rows, { signal }))).message).to.equal('enough');
  });
});

describe('encodeRows', () => {
  it('encodes rows in their order by an encoder that is there already', async () => {
    const { encoder } = await textClassification(rows);
    const data = await encodeRows(rows.slice(48, 52), encoder);
    expect(classesOf(data)).to.deep.equal([1, 1, 0, 0]);
    expect(textsOf(data).map(text => text.split(' ')[0])).to.deep.equal(['good', 'good', 'bad', 'bad']);
    expect(data.encoder).to.equal(encoder);
  });

  it('refuses labels that the encoder does not have', async () => {
    const { encoder } = await textClassification(rows);
    const error = await rejection(encodeRows([rows[0]!, { text: 'x', label: 'neutral' }], encoder));
    expect(error).to.have.property('code', 'ERR_DATA');
    expect(error.message).to.contain('row 2: the label neutral is none of negative, positive');
  });
});
