import { InvalidArgumentError, Option } from 'commander';

/** Reads a flag's whole number of at least `min` and, where given, at most `max`. */
export function wholeNumber({ min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number }) {
  return (text: string): number => {
    const value = toNumber(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new InvalidArgumentError(`Expected a whole number ${range}.`);
  };
}

/** Reads a flag's whole number of at least 1. */
export const count = wholeNumber({ min: 1 });

/** Reads a flag's length of at least 1, or the shortest and the longest: 100, 10-100. */
export function lengthRange(text: string): { from: number; to: number } {
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  if (range.from >= 1 && range.from <= range.to && range.to <= Number.MAX_SAFE_INTEGER) return range;
  throw new InvalidArgumentError('Expected a whole number of at least 1, or two as 10-100.');
}

/** Reads a flag's number above 0. */
export function positiveNumber(text: string): number {
  const value = toNumber(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

/** Reads a flag's share that something is dropped with: a number in [0, 1). */
export function rate(text: string): number {
  const value = toNumber(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError('Expected a number of at least 0 and below 1.');
}

/** Reads a flag's share that leaves something on both sides: a number in (0, 1). */
export function share(text: string): number {
  const value = toNumber(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Expected a number between 0 and 1, both excluded.');
}

export const quantizeFlag = () =>
  new Option('--quantize <numbers>', 'round what recurrent layers multiply: faster, slightly different').choices([
    'bfloat16',
    'int8',
  ]);

/** The vocabulary of a model that reads text. */
export const maxWordsFlag = () =>
  new Option('--max-words <n>', 'size of the vocabulary, 3 reserved ids included; rarer words are unknown')
    .argParser(wholeNumber({ min: 4 }))
    .default(2500);

export const jsonFlag = () => new Option('--json', 'print JSON Lines on stdout and nothing else there');

/** `Number`, but blank text is no number. */
function toNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
