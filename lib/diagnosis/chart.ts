import { type BarChart, drawBars } from '../plots/bar-chart.ts';
import { drawSideBySide, type LineChart, type Series } from '../plots/line-chart.ts';
import { picture, stacked } from '../plots/svg.ts';
import type { Diagnosis } from './diagnose.ts';

/** A diagnosis with a name: of a model, or of a moment in its training. */
export interface Named {
  readonly name: string;
  readonly diagnosis: Diagnosis;
}

/**
 * Diagnoses side by side, on the same axes: how the gradient becomes smaller from the last step back, a curve per state of a
 * layer, and below how saturated the gates are. SVG.
 */
export function diagnosisChart(named: readonly Named[]): string {
  const charts = gradientCharts(
    named.map(({ name, diagnosis }) => ({ title: `${name}: gradient`, diagnoses: [diagnosis] })),
  );
  return picture(stacked([drawSideBySide(charts), drawBars(saturationBars(named))]));
}

/** A chart of the gradients by the states of each group of diagnoses, on the same axes. */
export function gradientCharts(
  groups: readonly { readonly title: string; readonly diagnoses: readonly Diagnosis[] }[],
): LineChart[] {
  const series = groups.map(({ diagnoses }) => diagnoses.flatMap(curvesOf));
  const yHolds = series.flat().flatMap(({ y }) => Array.from(y).filter(Number.isFinite));
  return groups.map(({ title }, index) => ({
    title,
    xLabel: 'steps before the last',
    yLabel: 'log₁₀ ‖∂L/∂state‖',
    yHolds,
    series: series[index]!,
  }));
}

function curvesOf({ layers }: Diagnosis): Series[] {
  return layers.flatMap(({ name, gradients }) =>
    Object.entries(gradients).map(([state, norms]) => ({
      name: `${name} ${state}`,
      x: norms.map((_, lag) => lag),
      y: norms.map(Math.log10),
      dashed: state !== 'h',
    })),
  );
}

function saturationBars(named: readonly Named[]): BarChart {
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return {
    title: 'Saturated gate values (solid: at the lower end)',
    label: '% of values',
    kinds: named.map(({ name }) => name),
    bars: named.flatMap(({ name, diagnosis }) =>
      diagnosis.layers.flatMap(layer =>
        Object.entries(layer.gates).map(([gate, { low, high }]) => ({
          name: `${layer.name} ${gate}`,
          value: 100 * (low + high),
          kind: name,
          solid: low / (low + high) || 0,
          note: `${percent(low)} low, ${percent(high)} high`,
        })),
      ),
    ),
  };
}
