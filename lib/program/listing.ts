import { describeBytes, memoryOf } from './memory.ts';
import type { Attribute, BufferSpec, ProgramData, Step } from './program.ts';

/**
 * Renders a program as text: the memory that it needs, what enters, every step as `outputs ← op(inputs) {attributes}`, the
 * commit point.
 */
export function listing(program: ProgramData): string {
  const lines: string[] = [];
  if (program.sizes.length > 0) lines.push(`sizes      ${program.sizes.join(' ')}`);
  for (const [what, bytes] of Object.entries(memoryOf(program)))
    if (bytes.size > 0) lines.push(`memory     ${what}: ${describeBytes(bytes)}`);
  for (const { name, dtype, elements } of program.storages) lines.push(`storage    ${name}  ${dtype} × ${elements}`);
  program.buffers.forEach((buffer, id) => {
    if (buffer.role !== 'scratch') lines.push(`${buffer.role.padEnd(10)} ${describe(buffer, id)}`);
  });
  program.steps.forEach((step, index) => {
    if (index === program.commit) lines.push(commitLine(program));
    lines.push(`${String(index).padStart(4)}  ${describeStep(program, step)}`, ...bodies(step));
  });
  if (program.commit === program.steps.length && program.checks.length > 0) lines.push(commitLine(program));
  return lines.join('\n');
}

/** The steps that a step brings along. */
function bodies(step: Step): string[] {
  return Object.values(step.attributes).flatMap(value =>
    isProgram(value)
      ? value.steps.map((inner, index) => `${String(index).padStart(8)}  ${describeStep(value, inner)}`)
      : [],
  );
}

function commitLine(program: ProgramData): string {
  return `---- commit, if finite: ${program.checks.map(id => `%${id}`).join(' ') || 'nothing to check'}`;
}

function describe(buffer: BufferSpec, id: number): string {
  const place = buffer.storage ? `  @ ${buffer.storage.name}+${buffer.storage.offset}` : '';
  return `%${id} ${buffer.name}  ${buffer.dtype} [${buffer.shape.join(', ')}]${place}`;
}

function describeStep(program: ProgramData, step: Step): string {
  const outputs = Object.entries(step.outputs).map(([, id]) => `%${id}[${program.buffers[id]!.shape.join(',')}]`);
  const inputs = Object.entries(step.inputs).map(([name, id]) => `${name}: %${id}`);
  const attributes = Object.entries(step.attributes).map(([name, value]) => `${name}: ${describeAttribute(value)}`);
  return `${outputs.join(', ')} ← ${step.op}(${inputs.join(', ')})${attributes.length > 0 ? ` {${attributes.join(', ')}}` : ''}`;
}

function describeAttribute(value: Attribute): string {
  if (isProgram(value)) return `${value.steps.length} steps`;
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

function isProgram(value: Attribute): value is ProgramData {
  return typeof value === 'object' && 'steps' in value;
}
