import type { Model } from '../models/model.ts';
import { profileChart, profileRecords, profileRows } from '../profile/report.ts';
import type { Measured, Measurements } from './measure.ts';
import { counted, whole } from './numbers.ts';
import { table } from './table.ts';

/** What `--json` prints. @param path of the model's file; undefined where it has none */
export function asJson(path: string | undefined, { backend, parameters }: Model, measurements: Measurements): object {
  const { training, predicting, predictingOne, streamStep, profile } = measurements;
  return {
    model: path,
    parameters: parameters.count,
    backend: backend.name,
    isa: backend.isa,
    threads: backend.threads,
    training: timesOf(training),
    predicting: timesOf(predicting),
    predicting_one: timesOf(predictingOne),
    stream_step: streamStep && timesOf(streamStep),
    profile: profile && {
      ms_mean: round(profile.runMs),
      peak_gflops: profile.limits && round(profile.limits.peak),
      bandwidth_gbs: profile.limits && round(profile.limits.bandwidth),
      operations: profileRecords(profile),
    },
  };
}

function timesOf({ medianMs, minMs, runs, rows, tokens }: Measured): object {
  return {
    ms_median: round(medianMs),
    ms_min: round(minMs),
    ...{ runs, rows, tokens },
    tokens_per_s: round((tokens * 1000) / medianMs),
  };
}

/** What people read. */
export function asText(
  model: Model,
  { training, predicting, predictingOne, streamStep, profile }: Measurements,
): string {
  const row = (name: string, { medianMs, minMs, rows, tokens }: Measured) => [
    name,
    duration(medianMs),
    duration(minMs),
    whole((tokens * 1000) / medianMs),
    whole((rows * 1000) / medianMs),
  ];
  const lines = table([
    ['', 'ms median', 'ms min', 'tokens/s', 'rows/s'],
    row(`training, ${counted(training.rows, 'row')}`, training),
    row(`predicting, ${counted(predicting.rows, 'row')}`, predicting),
    row('predicting, 1 row', predictingOne),
    ...(streamStep ? [row('a step of a stream', streamStep).with(-1, '')] : []),
  ]);
  if (!profile) return lines;
  const { limits } = profile;
  const against = limits
    ? `limits: ${limits.peak.toFixed(0)} GF/s of fused multiply-adds, ${limits.bandwidth.toFixed(1)} GB/s of memory`
    : 'no shares: only the native backend knows its limits';
  return [lines, '', titleOf(model, training), against, '', table(profileRows(profile))].join('\n');
}

/** The profile of training, drawn as SVG. */
export function asPicture(model: Model, { training, profile }: Measurements): string {
  return profileChart({ title: titleOf(model, training), breakdown: profile! });
}

function titleOf({ backend: { name, isa, threads } }: Model, { totalMs, runs }: Measured): string {
  const machine = `${name === isa ? name : `${name} ${isa}`}, ${counted(threads, 'thread')}`;
  return `training step: ${duration(totalMs / runs)} ms (mean of ${whole(runs)}), ${machine}`;
}

/** Four figures; of what the clock hardly sees, a nanosecond's. */
function duration(ms: number): string {
  return ms.toFixed(Math.max(0, 3 - Math.floor(Math.log10(Math.max(ms, 1e-3)))));
}

const round = (value: number) => Number(value.toPrecision(5));
