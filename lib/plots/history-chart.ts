import { chartsSideBySide, type LineChart, type Series } from './line-chart.ts';

/** What is drawn of an epoch. */
export interface EpochCurves {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy?: number;
  readonly valLoss?: number;
  readonly valAccuracy?: number;
}

/** Loss and, for classifiers, accuracy over epochs: training solid, validation dashed. SVG. */
export function historyChart(epochs: readonly EpochCurves[]): string {
  const charts = [
    chartOf('Loss', epochs, { training: 'loss', validation: 'valLoss' }),
    chartOf('Accuracy', epochs, { training: 'accuracy', validation: 'valAccuracy' }),
  ];
  return chartsSideBySide(charts.filter(({ series }, index) => index === 0 || series.length > 0));
}

function chartOf(
  title: string,
  epochs: readonly EpochCurves[],
  curves: { readonly training: keyof EpochCurves; readonly validation: keyof EpochCurves },
): LineChart {
  const x = epochs.map(({ epoch }) => epoch);
  const series: Series[] = [];
  for (const [name, curve] of Object.entries(curves)) {
    if (epochs.every(epoch => epoch[curve] === undefined)) continue;
    series.push({ name, x, y: epochs.map(epoch => epoch[curve] ?? Number.NaN), dashed: name === 'validation' });
  }
  return { title, xLabel: 'epoch', yLabel: title.toLowerCase(), series };
}
