import type { CellName } from '../cells.ts';
import { gradientCharts } from '../diagnosis/chart.ts';
import type { Diagnosis } from '../diagnosis/diagnose.ts';
import type { Trial } from '../gym/exercise.ts';
import type { Baseline, Task } from '../gym/task.ts';
import { drawSideBySide, type LineChart, type Series } from '../plots/line-chart.ts';
import { picture, stacked } from '../plots/svg.ts';
import { diagnosisAsJson } from './diagnosis-report.ts';
import { figures, whole } from './numbers.ts';
import { table } from './table.ts';

/** What a cell made of a task. */
export interface Report {
  readonly task: string;
  readonly cell: CellName;
  readonly lag: number;
  readonly units: number;
  readonly steps: number;
  readonly batch: number;
  readonly seed: number;
  readonly parameters: number;
  readonly seconds: number;
  /** Of each update, before it. */
  readonly losses: readonly number[];
  /** Inside of the layer, at the longest lag, before and after it learned. */
  readonly before: Diagnosis;
  readonly after: Diagnosis;
  readonly trials: readonly (Trial & { readonly baseline: Baseline })[];
}

const curvePoints = 100;

/** What `--json` prints of a cell. */
export function asJson({ losses, trials, before, after, ...rest }: Report): object {
  return {
    ...rest,
    losses: means(losses).map(({ loss }) => loss),
    trials: trials.map(({ baseline, ...trial }) => ({
      ...trial,
      baseline_loss: baseline.loss,
      baseline_accuracy: baseline.accuracy,
    })),
    before: diagnosisAsJson(before),
    after: diagnosisAsJson(after),
  };
}

/** Loss over the lag, a line per cell and one of the baseline, and accuracy where there is such. */
export function asTable(task: Task, reports: readonly Report[]): string {
  const [{ trials }] = reports as [Report];
  const lines = (title: string, figureOf: (of: Pick<Baseline, 'loss' | 'accuracy'>) => string) =>
    table([
      [`${task.name}: ${title} at a lag of`, ...trials.map(({ lag }) => whole(lag))],
      ...reports.map(({ cell, trials }) => [cell, ...trials.map(figureOf)]),
      ['baseline', ...trials.map(({ baseline }) => figureOf(baseline))],
    ]);
  const tables = [lines('loss', ({ loss }) => figures(loss))];
  if (isClassifier(task)) tables.push(lines('accuracy', ({ accuracy }) => accuracy!.toFixed(3)));
  return tables.join('\n\n');
}

/** Loss while it was learned, loss and accuracy over the lag, and below gradients by the states, a curve per cell. SVG. */
export function asPicture(task: Task, reports: readonly Report[]): string {
  const measured = isClassifier(task) ? (['loss', 'accuracy'] as const) : (['loss'] as const);
  const gradients = gradientCharts([
    { title: 'gradient before training', diagnoses: reports.map(({ before }) => before) },
    { title: 'gradient after it', diagnoses: reports.map(({ after }) => after) },
  ]);
  return picture(
    stacked([
      drawSideBySide([learning(task, reports), ...measured.map(figure => overLag(figure, task, reports))]),
      drawSideBySide(gradients),
    ]),
  );
}

function learning({ name, baseline }: Task, reports: readonly Report[]): LineChart {
  const curves = reports.map(({ cell, losses }) => ({ name: cell, points: means(losses) }));
  const [{ lag, steps }] = reports as [Report];
  return {
    title: `${name}: learning, lag ${lag}`,
    xLabel: 'update',
    yLabel: 'loss',
    fromZero: true,
    series: [
      ...curves.map(({ name, points }) => ({
        name,
        x: points.map(({ step }) => step),
        y: points.map(({ loss }) => loss),
      })),
      { name: 'baseline', x: [0, steps], y: [baseline(lag).loss, baseline(lag).loss], dashed: true },
    ],
  };
}

function isClassifier({ baseline, least }: Task): boolean {
  return baseline(least).accuracy !== undefined;
}

function overLag(figure: 'loss' | 'accuracy', task: Task, reports: readonly Report[]): LineChart {
  const curve = (name: string, trials: readonly ({ lag: number } & Partial<Baseline>)[]): Series => ({
    name,
    x: trials.map(({ lag }) => lag),
    y: trials.map(trial => trial[figure] ?? Number.NaN),
  });
  const [{ trials, lag }] = reports as [Report];
  const baselines = trials.map(({ lag, baseline }) => ({ lag, ...baseline }));
  return {
    title: `${task.name}: ${figure} beyond lag ${lag}`,
    xLabel: 'lag',
    yLabel: figure,
    fromZero: true,
    series: [
      ...reports.map(({ cell, trials }) => curve(cell, trials)),
      { ...curve('baseline', baselines), dashed: true },
    ],
  };
}

/** Means of neighbours, no more than a hundred. */
function means(losses: readonly number[]): { step: number; loss: number }[] {
  const width = Math.ceil(losses.length / curvePoints);
  return Array.from({ length: Math.ceil(losses.length / width) }, (_, at) => {
    const part = losses.slice(at * width, (at + 1) * width);
    return { step: at * width + part.length, loss: part.reduce((sum, loss) => sum + loss, 0) / part.length };
  });
}
