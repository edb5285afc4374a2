/** 12,345 */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** 1 row, 12,345 rows */
export function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** 1.23, 0.00123, 1.23e-4 */
export function figures(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toPrecision(3);
}

/** 0:07, 12:30, 1:02:03 */
export function clock(seconds: number): string {
  const all = Math.round(seconds);
  const parts = [Math.floor(all / 60) % 60, all % 60];
  const hours = Math.floor(all / 3600);
  if (hours > 0) parts.unshift(hours);
  return parts.map((part, index) => (index === 0 ? `${part}` : `${part}`.padStart(2, '0'))).join(':');
}
