import type { Backend } from '../../lib/index.ts';
import { Absent } from '../serve.ts';

/** Opens a backend. @throws Absent where it is not built */
export function orAbsent(open: () => Backend): Backend {
  try {
    return open();
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BACKEND') throw new Absent((error as Error).message);
    throw error;
  }
}
