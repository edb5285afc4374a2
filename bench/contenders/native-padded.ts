// What native would take if it padded ragged sequences: the measure of what it gains by not doing so.
import { serve } from '../serve.ts';
import { openNative } from './open-native.ts';
import { settingsOf } from './recurra.ts';
import { layerEntry } from './recurra-layer.ts';

await serve(async (workload, threads) => {
  const backend = openNative(threads);
  return { settings: settingsOf(backend), ...layerEntry(workload, backend, { padded: true }) };
});
