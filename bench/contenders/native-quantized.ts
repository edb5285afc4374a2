// native with the operands of its products in fewer bits; int8 in inference alone.
import type { Quantization } from '../../lib/program/recording.ts';
import { serve } from '../serve.ts';
import { openNative } from './open-native.ts';
import { recurra } from './recurra.ts';

const quantize = process.argv[2] as Quantization;

await serve(async (workload, threads) => recurra(workload, openNative(threads), { quantize }));
