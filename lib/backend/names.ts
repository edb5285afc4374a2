import type { ProgramData } from '../program/program.ts';

/** The names in a program's shapes, those that follow from others included: to the engine one is like the other. */
export function namedSizes({ buffers }: ProgramData): string[] {
  return [...new Set(buffers.flatMap(({ shape }) => shape.filter(dimension => typeof dimension === 'string')))];
}

/** Of the buffers with a role, in the order of the program. */
export function namesOf({ buffers }: ProgramData, role: 'feed' | 'result'): string[] {
  return buffers.filter(buffer => buffer.role === role).map(buffer => buffer.name);
}
