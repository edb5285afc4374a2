import { serve } from '../serve.ts';
import { openNative } from './open-native.ts';
import { recurra } from './recurra.ts';

await serve(async (workload, threads) => recurra(workload, openNative(threads)));
