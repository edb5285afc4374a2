import { native } from '../../lib/index.ts';
import { Absent } from '../serve.ts';

/** @throws Absent where there is no addon */
export function openNative(threads: number) {
  try {
    return native({ threads });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BACKEND') throw new Absent((error as Error).message);
    throw error;
  }
}
