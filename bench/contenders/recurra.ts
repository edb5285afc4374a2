import type { Backend } from '../../lib/index.ts';
import type { RecordingOptions } from '../../lib/program/recording.ts';
import type { Entry } from '../serve.ts';
import type { Workload } from '../workloads.ts';
import { inferenceEntry, layerEntry, streamEntry } from './recurra-layer.ts';
import { trainingEntry } from './recurra-training.ts';

const entries = {
  classifier: trainingEntry,
  'language-model': trainingEntry,
  layer: layerEntry,
  inference: inferenceEntry,
  stream: streamEntry,
};

/** This project on one of its backends. */
export function recurra(workload: Workload, backend: Backend, numbers: RecordingOptions = {}): Entry {
  return { settings: settingsOf(backend), ...entries[workload.task](workload, backend, numbers) };
}

export function settingsOf(backend: Backend): string {
  return `isa ${backend.isa}, Node ${process.versions.node}`;
}
