import type { Backend } from '../../lib/backend/backend.ts';
import { errorCodes } from '../../lib/errors.ts';
import type { OnnxTensor } from '../../lib/onnx/node.ts';
import { onnxRecurrent } from '../../lib/onnx/recurrent.ts';
import { describeShape, sameShape } from '../../lib/program/shape.ts';
import type { ConformanceCase, ConformanceFile } from './cases.ts';

/** What is wrong with a case, a line each; none where it passed. */
export async function runConformance(
  { node, inputs, outputs, mustFail }: ConformanceCase,
  tolerance: ConformanceFile['tolerance'],
  backend: Backend,
): Promise<string[]> {
  try {
    const computed = await onnxRecurrent(node, inputs, { backend });
    if (mustFail) return ['ran, but must be refused'];
    return Object.entries(outputs).flatMap(([name, expected]) =>
      differences(name, computed[name], expected, tolerance),
    );
  } catch (error) {
    // A refusal says what is refused, with a code; whatever else is thrown is a mistake of ours.
    const refused = Object.hasOwn(errorCodes, (error as { code?: string }).code ?? '');
    return mustFail && refused ? [] : [error instanceof Error ? error.message : String(error)];
  }
}

function differences(
  name: string,
  got: OnnxTensor | undefined,
  expected: OnnxTensor,
  { atol, rtol }: ConformanceFile['tolerance'],
): string[] {
  if (!got) return [`${name}: there is no such output`];
  if (!sameShape(got.shape, expected.shape))
    return [`${name}: has shape ${describeShape(got.shape)}, expected ${describeShape(expected.shape)}`];
  if (got.data.length !== expected.data.length)
    return [`${name}: has ${got.data.length} elements, expected ${expected.data.length}`];
  const off = Array.from(expected.data).findIndex(
    (want, at) => !(Math.abs(got.data[at]! - want) <= atol + rtol * Math.abs(want)),
  );
  return off < 0 ? [] : [`${name}[${off}]: got ${got.data[off]}, expected ${expected.data[off]}`];
}
