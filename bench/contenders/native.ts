import { native } from '../../lib/index.ts';
import { Absent, serve } from '../serve.ts';
import { recurra } from './recurra.ts';

await serve(async (workload, threads) => recurra(workload, open(threads)));

function open(threads: number) {
  try {
    return native({ threads });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BACKEND') throw new Absent((error as Error).message);
    throw error;
  }
}
