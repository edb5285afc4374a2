import { type BarChart, barChart } from '../plots/bar-chart.ts';
import type { Breakdown, OperationTime } from './profile.ts';

/** Plain objects, one per operation and a last one, without number and shape, for what is outside of them. */
export function profileRecords({ operations, runMs, outsideMs }: Breakdown): Record<string, unknown>[] {
  const time = (ms: number) => ({ ms: round(ms, 6), share: round(ms / runMs) });
  return [
    ...operations.map(({ step, op, shape, ms, bound, rate, shareOfLimit }) => {
      const [unit, share] = bound === 'products' ? ['gflops', 'share_of_peak'] : ['gbs', 'share_of_bandwidth'];
      const attained = {
        [unit!]: round(rate),
        ...(shareOfLimit === undefined ? {} : { [share!]: round(shareOfLimit) }),
      };
      return { step, op, shape, ...time(ms), ...attained };
    }),
    { op: 'outside', ...time(outsideMs) },
  ];
}

/** The cells of a table, its titles first; without shares where the limits are not known. */
export function profileRows({ limits, operations, runMs, outsideMs }: Breakdown): string[][] {
  const columns = (rate: string, share: string) => (limits ? [rate, share] : [rate]);
  const time = (ms: number) => [ms.toFixed(ms < 100 ? 3 : 1), percent(ms / runMs)];
  const nothing = columns('', '');
  const digits = `${operations.length - 1}`.length;
  return [
    [
      'operation, first output',
      'ms',
      '% of step',
      ...columns('GF/s', '% of peak'),
      ...columns('GB/s', '% of bandwidth'),
    ],
    ...operations.map(operation => {
      const { ms, bound, rate, shareOfLimit = 0 } = operation;
      const attained = columns(rate.toFixed(1), percent(shareOfLimit));
      const both = bound === 'products' ? [attained, nothing] : [nothing, attained];
      return [nameOf(operation, digits), ...time(ms), ...both.flat()];
    }),
    ['outside the operations', ...time(outsideMs), ...nothing, ...nothing],
  ];
}

interface Panel {
  readonly title: string;
  readonly breakdown: Breakdown;
}

const rest = 'everything else';
const mostBars = 15;
/** Of a run: what takes less has no bar of its own. */
const leastShare = 0.002;

/**
 * The same as a picture: a bar for each operation, solid as far as it would reach at the machine's limit. Several are drawn one
 * below the other.
 */
export function profileChart(...panels: readonly Panel[]): string {
  return barChart(...panels.map(panelOf));
}

function panelOf({ title, breakdown }: Panel): BarChart {
  const { limits, operations, runMs, outsideMs } = breakdown;
  const products = limits ? `products (solid: at ${limits.peak.toFixed(0)} GF/s)` : 'products';
  const memory = limits ? `memory (solid: at ${limits.bandwidth.toFixed(1)} GB/s)` : 'memory';
  const shown = operations.slice(0, mostBars).filter(({ ms }) => ms >= leastShare * runMs);
  const others = operations.slice(shown.length);
  const othersMs = others.reduce((total, { ms }) => total + ms, 0);
  return {
    title,
    label: 'ms per step',
    kinds: [products, memory, rest],
    bars: [
      ...shown.map(operation => ({
        name: nameOf(operation),
        value: operation.ms,
        kind: operation.bound === 'products' ? products : memory,
        solid: operation.shareOfLimit,
        note: noteOf(operation),
      })),
      ...(others.length > 0 ? [{ name: `${others.length} more operations`, value: othersMs, kind: rest }] : []),
      { name: 'outside the operations', value: Math.max(0, outsideMs), kind: rest },
    ],
  };
}

function noteOf({ bound, rate, shareOfLimit }: OperationTime): string {
  if (shareOfLimit !== undefined) return `${Math.round(100 * shareOfLimit)} %`;
  return `${rate.toFixed(1)} ${bound === 'products' ? 'GF/s' : 'GB/s'}`;
}

function nameOf({ step, op, shape }: OperationTime, digits = 0): string {
  return `${`${step}`.padStart(digits)} ${op}${shape.length > 0 ? ` [${shape.join(',')}]` : ''}`;
}

const percent = (share: number) => (100 * share).toFixed(1);
const round = (value: number, digits = 4) => Number(value.toPrecision(digits));
