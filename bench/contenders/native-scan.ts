// native with its lstm written by hand as the step of a scan: what that costs beside the fused one.
import { serve } from '../serve.ts';
import { openNative } from './open-native.ts';
import { settingsOf } from './recurra.ts';
import { layerEntry } from './recurra-layer.ts';

await serve(async (workload, threads) => {
  const backend = openNative(threads);
  return { settings: settingsOf(backend), ...layerEntry(workload, backend, { written: true }) };
});
