import { expect } from 'chai';
import type { Dataset } from '../../lib/data/dataset.ts';
import { adding } from '../../lib/gym/adding.ts';
import { agreement, pronouns, words } from '../../lib/gym/agreement.ts';
import { blank, copy, recall } from '../../lib/gym/copy.ts';
import { brackets, deepest, dyck } from '../../lib/gym/dyck.ts';
import { taskNames, tasks } from '../../lib/gym/index.ts';
import { parity } from '../../lib/gym/parity.ts';
import { lagsOf, type Task } from '../../lib/gym/task.ts';
import { Random } from '../../lib/random/random.ts';

const seed = 3;
const draw = (task: Task, lags: readonly number[]) => task.draw(lags, new Random(seed));

/** The vectors of each row. */
function sequencesOf({ input }: Dataset): number[][][] {
  if (input.kind !== 'sequence') throw new Error('expected sequences');
  const { size, rows } = input;
  return rows.map(row =>
    Array.from({ length: row.length / size }, (_, t) => [...row.subarray(t * size, (t + 1) * size)]),
  );
}

/** Which symbol each vector stands for. */
function symbolsOf(data: Dataset): number[][] {
  return sequencesOf(data).map(row =>
    row.map(vector => {
      expect([...vector].sort()).to.deep.equal([...Array(vector.length - 1).fill(0), 1]);
      return vector.indexOf(1);
    }),
  );
}

function answersOf({ targets }: Dataset): number[] {
  if (targets?.per !== 'sequence') throw new Error('expected an answer per sequence');
  return [...targets.values];
}

const someLags = [20, 17, 33, 12, 12, 50, 10, 21];

describe('the gym', () => {
  for (const name of taskNames)
    describe(`${name}`, () => {
      const task: Task = tasks[name];

      it('draws a row of each lag, the same from the same seed, another from another', () => {
        const data = draw(task, someLags);
        expect(data.length).to.equal(someLags.length);
        expect(data).to.deep.equal(draw(task, someLags));
        expect(data).not.to.deep.equal(task.draw(someLags, new Random(seed + 1)));
        const lengths = sequencesOf(data).map(row => row.length);
        someLags.forEach((lag, row) => {
          someLags.forEach((other, at) => {
            if (other > lag + 1) expect(lengths[at]).to.be.above(lengths[row]!);
          });
        });
      });

      it('has lags of its own to learn from, up to the longest', () => {
        const lags = lagsOf(task, 30, 400, new Random(seed));
        expect(Math.max(...lags)).to.equal(30);
        expect(Math.min(...lags)).to.equal(task.mixed ? task.least : 30);
      });

      it('refuses lags that it does not have', () => {
        for (const lag of [task.least - 1, 10.5, Number.NaN])
          expect(() => draw(task, [20, lag]))
            .to.throw(RangeError, `${name}: a lag must be a whole number of at least ${task.least}, got ${lag}`)
            .with.property('code', 'ERR_ARGUMENT');
        expect(draw(task, [task.least]).length).to.equal(1);
      });
    });

  it('adding: marks a step in each half, and asks for their sum', () => {
    const data = draw(adding, someLags);
    const answers = answersOf(data);
    sequencesOf(data).forEach((row, index) => {
      expect(row).to.have.length(someLags[index]!);
      expect(row.every(([number]) => number! >= 0 && number! < 1)).to.equal(true);
      const marked = row.flatMap(([, mark], t) => (mark === 0 ? [] : [t]));
      expect(marked).to.have.length(2);
      expect(marked[0])
        .to.be.below(Math.floor(row.length / 2))
        .and.below(marked[1]!);
      expect(marked[1]).to.be.at.least(Math.floor(row.length / 2));
      expect(answers[index]).to.be.closeTo(row[marked[0]!]![0]! + row[marked[1]!]![0]!, 1e-6);
    });
  });

  it('adding: has the variance of its answers as its baseline', () => {
    const answers = answersOf(draw(adding, new Array(4000).fill(10)));
    const error = answers.reduce((sum, answer) => sum + (answer - 1) ** 2, 0) / answers.length;
    expect(error).to.be.closeTo(adding.baseline(10).loss, 0.01);
    expect(adding.baseline(600).loss).to.be.closeTo(0.167, 0.001);
  });

  it('copy: asks for blanks, and for the ten symbols after the sign', () => {
    const data = draw(copy, someLags);
    if (data.targets?.per !== 'token') expect.fail('an answer at every step');
    const { rows } = data.targets;
    symbolsOf(data).forEach((read, index) => {
      const lag = someLags[index]!;
      expect(read).to.have.length(lag + 20);
      const remembered = read.slice(0, 10);
      expect(remembered.every(symbol => symbol < 8)).to.equal(true);
      expect(read.slice(10)).to.deep.equal([...Array(lag - 1).fill(blank), recall, ...Array(10).fill(blank)]);
      expect([...rows[index]!]).to.deep.equal([...Array(lag + 10).fill(blank), ...remembered]);
    });
  });

  it('copy: has the published baseline', () => {
    expect(copy.baseline(1000).loss).to.be.closeTo(0.0204, 5e-5);
    expect(copy.baseline(1000).accuracy).to.equal(1011.25 / 1020);
  });

  it('parity: asks whether the ones are odd', () => {
    const data = draw(parity, someLags);
    const answers = symbolsOf(data).map(bits => bits.join('').replaceAll('0', '').length % 2);
    expect(answersOf(data)).to.deep.equal(answers);
    expect(new Set(answers)).to.deep.equal(new Set([0, 1]));
  });

  it('dyck: balances, no deeper than it says, and asks for what closes the first bracket', () => {
    const data = draw(dyck, [...someLags, ...Array(50).fill(24)]);
    const answers = answersOf(data);
    let greatest = 0;
    symbolsOf(data).forEach((row, index) => {
      let text = row.map(symbol => brackets[symbol]).join('');
      let depth = 0;
      for (const symbol of row) greatest = Math.max(greatest, (depth += symbol < 2 ? 1 : -1));
      while (/\(\)|\[\]/.test(text)) text = text.replaceAll(/\(\)|\[\]/g, '');
      expect(text).to.equal('(['[answers[index]!]);
      expect(depth).to.equal(1);
    });
    expect(greatest).to.equal(deepest);
  });

  it('agreement: asks for the pronoun of the first person, whoever else there is', () => {
    const whom = { she: /girl|woman|aunt/g, he: /\b(boy|man|uncle)/g, they: /children|people|twins/g };
    const lags = [...someLags, ...Array(300).fill(20)];
    const data = draw(agreement, lags);
    const answers = answersOf(data).map(answer => pronouns[answer]!);
    let misled = 0;
    symbolsOf(data).forEach((row, index) => {
      const said = row.map(symbol => words[symbol]);
      expect(said).to.have.length(lags[index]! + 2);
      expect([said[0], said[2], said.at(-1)]).to.deep.equal(['the', 'who', 'said']);
      expect(said[1], answers[index]).to.match(whom[answers[index]!]);
      const people = (sentence: string) => Object.values(whom).flatMap(named => sentence.match(named) ?? []);
      const others = people(said.slice(3).join(' '));
      expect(others.length).to.be.at.least(1);
      if (!others.at(-1)!.match(whom[answers[index]!])) misled++;
    });
    expect(misled / lags.length).to.be.closeTo(2 / 3, 0.1);
  });
});
