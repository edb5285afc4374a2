import type { Dataset } from '../data/dataset.ts';
import { rangeError } from '../errors.ts';
import { atomicWrite } from '../formats/atomic-write.ts';
import type { Callback, FitContext } from '../training/callbacks/callback.ts';
import { diagnosisChart } from './chart.ts';
import { type Diagnosis, type DiagnosisOptions, diagnose } from './diagnose.ts';

export interface DiagnosisCallbackOptions extends Pick<DiagnosisOptions, 'rows' | 'vanished' | 'exploded'> {
  /** Epochs from one look to the next. Default 1. */
  readonly every?: number;
}

/** A diagnosis and when it was made. */
export interface DatedDiagnosis {
  /** After this epoch; 0 is before the first. */
  readonly epoch: number;
  readonly diagnosis: Diagnosis;
}

export interface DiagnosisCallback extends Callback {
  readonly diagnoses: readonly DatedDiagnosis[];
  /** Draws the first, the last and up to two between them, side by side, as SVG. */
  plot(path: string): Promise<void>;
}

/**
 * Looks into the model's recurrent layers while it trains, as `diagnose` does, always at the same rows: before the first epoch, after
 * each, and where training ends within one, as it does with ERR_NON_FINITE: then at what the last whole update made.
 */
export function diagnosis(data: Dataset, { every = 1, ...options }: DiagnosisCallbackOptions = {}): DiagnosisCallback {
  if (!Number.isInteger(every) || every < 1)
    throw rangeError('ERR_ARGUMENT', `diagnosis: every must be a whole number of epochs, got ${every}`);
  const diagnoses: DatedDiagnosis[] = [];
  let within = false;
  const look = async ({ model, trainer }: FitContext, epoch: number) => {
    diagnoses.push({ epoch, diagnosis: await diagnose(model, data, { ...options, loss: trainer.loss }) });
  };
  return {
    diagnoses,
    async onEpochStart(context) {
      if (context.epoch === 1) await look(context, 0);
      within = true;
    },
    async onEpochEnd(_record, context) {
      within = false;
      if (context.epoch % every === 0) await look(context, context.epoch);
    },
    async onEnd(context) {
      if (within) await look(context, context.epoch);
    },
    async plot(path) {
      const shown = new Set([0, 1, 2, 3].map(at => diagnoses[Math.round((at / 3) * (diagnoses.length - 1))]!));
      const panels = [...shown].map(({ epoch, diagnosis }) => ({ name: `epoch ${epoch}`, diagnosis }));
      await atomicWrite(path, [diagnosisChart(panels)]);
    },
  };
}
