/** Where an axis begins, ends and is marked. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  /** Round numbers within it. */
  readonly ticks: readonly number[];
  label(tick: number): string;
}

/**
 * An axis over values, with about `count` marks at multiples of 1, 2 or 5 times a power of ten, and a little room at both
 * ends. Where all values are whole numbers (epochs), so are the marks.
 */
export function scaleOver(values: readonly number[], count: number, { whole = false } = {}): Scale {
  const finite = values.filter(Number.isFinite);
  let low = finite.length > 0 ? finite.reduce((a, b) => Math.min(a, b)) : 0;
  let high = finite.length > 0 ? finite.reduce((a, b) => Math.max(a, b)) : 1;
  const alike = high - low <= Math.max(Math.abs(low), Math.abs(high)) * 1e-9;
  const room = !alike ? (high - low) * 0.04 : whole ? 0.5 : Math.abs(low) * 0.1 || 0.5;
  low -= room;
  high += room;
  const step = Math.max(niceStep((high - low) / count), whole ? 1 : 0);
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step); index * step <= high; index++) ticks.push(index * step || 0);
  return { low, high, ticks, label: labelsOf(step, Math.max(Math.abs(low), Math.abs(high))) };
}

/** The nearest of 1, 2, 5 and 10 times a power of ten, by ratio. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return (share < Math.sqrt(2) ? 1 : share < Math.sqrt(10) ? 2 : share < Math.sqrt(50) ? 5 : 10) * power;
}

function labelsOf(step: number, greatest: number): (tick: number) => string {
  const exponent = Math.floor(Math.log10(step) + 1e-9);
  if (greatest >= 1e6 || greatest < 1e-3) {
    const digits = Math.max(0, Math.floor(Math.log10(greatest)) - exponent);
    return tick => (tick === 0 ? '0' : tick.toExponential(digits).replace('e+', 'e'));
  }
  return tick => tick.toFixed(Math.max(0, -exponent));
}
