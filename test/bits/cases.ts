import type { Case } from './case.ts';
import { cellCases } from './cells.ts';
import { linearRecurrenceCases } from './linear-recurrences.ts';
import { operationCases } from './operations.ts';
import { trainingCases } from './training.ts';

/** All that is hashed. Inputs come from whole numbers and exactly rounded operations, so they too are the same everywhere. */
export const cases = (): Case[] => [
  ...cellCases(),
  ...operationCases(),
  ...linearRecurrenceCases(),
  ...trainingCases(),
];
