import { dataset } from '../data/dataset.ts';
import { crossEntropy } from '../losses/cross-entropy.ts';
import type { Random } from '../random/random.ts';
import { expectLags, guessing, oneHot, type Task } from './task.ts';

export const pronouns = ['she', 'he', 'they'] as const;
/** Whom a pronoun stands for, in its order. */
const people = [
  ['girl', 'woman', 'aunt'],
  ['boy', 'man', 'uncle'],
  ['children', 'people', 'twins'],
] as const;
const things = ['pizza', 'hat', 'dog', 'house', 'letter', 'song'];
const verbs = ['ate', 'saw', 'heard', 'wanted', 'remembered'];
const places = ['behind', 'near', 'with', 'under'];

/** All words, by their number. */
export const words: readonly string[] = [
  ...people.flat(),
  ...things,
  ...verbs,
  ...places,
  ...['the', 'my', 'who', 'and', 'said'],
];

const least = 10;

/**
 * Agreement over a distance: "the man who ate my pizza near the girl and heard the song said …" asks for he. People inside the
 * clause, of whom there is at least one, are drawn as the subject is, independently of it, so whoever listens to them instead
 * guesses. A lag is the words from the subject to the answer, ten at least: nothing can be learned from shorter sentences first. After Linzen, Dupoux & Goldberg 2016.
 */
export const agreement: Task = {
  name: 'agreement',
  asks: 'she, he or they: what stands for the first person of a sentence, after others in between',
  inputSize: words.length,
  outputs: pronouns.length,
  answers: 'last',
  loss: crossEntropy(),
  least,
  mixed: true,
  draw(lags, random) {
    expectLags('agreement', lags, least);
    const classes = lags.map(() => random.below(pronouns.length));
    const sentences = lags.map((lag, row) => [
      'the',
      oneOf(people[classes[row]!]!, random),
      'who',
      ...clause(lag - 2, random),
      'said',
    ]);
    const ids = sentences.map(sentence => sentence.map(word => words.indexOf(word)));
    return dataset({ sequences: ids.map(row => oneHot(row, words.length)), size: words.length, classes });
  },
  baseline: () => guessing(pronouns.length),
};

/** So many words after "who"; the first noun is a person, a later one sometimes. */
function clause(length: number, random: Random): string[] {
  const noun = (person: boolean) => oneOf(person ? oneOf(people, random) : things, random);
  const made: string[] = [];
  while (made.length < length) {
    const first = made.length === 0;
    made.push(...(first ? [] : ['and']), oneOf(verbs, random), oneOf(['the', 'my'], random));
    made.push(noun(first || random.below(3) === 0), oneOf(places, random), 'the', noun(random.below(3) === 0));
  }
  return made.slice(0, length);
}

function oneOf<T>(all: readonly T[], random: Random): T {
  return all[random.below(all.length)]!;
}
