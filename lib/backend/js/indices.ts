import { rangeError } from '../../errors.ts';

/** @throws ERR_INDEX unless 0 ≤ value < limit */
export function checkIndex(op: string, name: string, place: number, value: number, limit: number): void {
  if (!(value >= 0 && value < limit))
    throw rangeError('ERR_INDEX', `${op}: ${name}[${place}] is ${value}, expected 0…${limit - 1}`);
}
