import type { Quantization } from '../../program/recording.ts';
import { copyRows, type Matrix } from './matrix.ts';

const { fround } = Math;
const real = new Float32Array(1);
const bits = new Uint32Array(real.buffer);

/** The nearest number with 8 bits of significand, the even one of two. */
function toBfloat16(value: number): number {
  real[0] = value;
  if (Number.isNaN(value)) return value;
  bits[0]! += 0x7fff + ((bits[0]! >>> 16) & 1);
  bits[0]! &= 0xffff0000;
  return real[0]!;
}

/** The nearest whole number, the even one of two. */
function roundEven(value: number): number {
  const large = 1.5 * 2 ** 52;
  return value + large - large;
}

/** Each row as whole numbers in [−127, 127] times its largest magnitude / 127; what is not finite is NaN then. */
function toInt8(y: Matrix): void {
  for (let i = 0; i < y.rows; i++) {
    const row = y.data.subarray(y.start + i * y.stride, y.start + i * y.stride + y.columns);
    let most = 0;
    for (const value of row) most = Math.max(most, Math.abs(value));
    const largest = fround(most);
    const inverse = largest > 1e-30 ? fround(127 / largest) : 0;
    for (let k = 0; k < row.length; k++) row[k] = roundEven(fround(fround(row[k]!) * inverse)) * fround(largest / 127);
  }
}

/** into ← rows, each of them quantized. */
export function quantized(into: Matrix, rows: Matrix, numbers: Quantization): Matrix {
  if (into !== rows) copyRows(into, rows);
  if (numbers === 'int8') toInt8(into);
  else
    for (let i = 0; i < into.rows; i++)
      for (let p = into.start + i * into.stride, end = p + into.columns; p < end; p++)
        into.data[p] = toBfloat16(into.data[p]!);
  return into;
}
