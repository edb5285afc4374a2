import { rangeError } from '../../errors.ts';
import type { Integers } from './twin.ts';

/** @throws ERR_INDEX unless 0 ≤ value < limit */
export function checkIndex(op: string, name: string, place: number, value: number, limit: number): void {
  if (!(value >= 0 && value < limit))
    throw rangeError('ERR_INDEX', `${op}: ${name}[${place}] is ${value}, expected 0…${limit - 1}`);
}

/** The length at a place. @throws ERR_INDEX unless it is from 0 to `most` */
export function lengthOf(op: string, lengths: Integers, place: number, most: number): number {
  const length = lengths.data[place]!;
  checkIndex(op, 'lengths', place, length, most + 1);
  return length;
}
