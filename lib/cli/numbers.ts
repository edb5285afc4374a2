/** 12,345 */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** 1 row, 12,345 rows */
export function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}
