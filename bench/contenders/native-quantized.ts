// native with the operands of its products in fewer bits, in inference.
import type { Quantization } from '../../lib/program/recording.ts';
import { serve } from '../serve.ts';
import { openNative } from './open-native.ts';
import { settingsOf } from './recurra.ts';
import { inferenceEntry, streamEntry } from './recurra-layer.ts';

const quantize = process.argv[2] as Quantization;

await serve(async (workload, threads) => {
  const backend = openNative(threads);
  const entry = workload.task === 'stream' ? streamEntry : inferenceEntry;
  return { settings: settingsOf(backend), ...entry(workload, backend, { quantize }) };
});
