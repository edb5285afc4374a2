import { native } from '../../lib/index.ts';
import { orAbsent } from './or-absent.ts';

/** @throws Absent where there is no addon */
export function openNative(threads: number) {
  return orAbsent(() => native({ threads }));
}
