import type { Outcome } from './run.ts';

/** A line for everything that is wrong with a case that was built; none where it passed or could not be built. */
export function failureLines({ id, mismatches, error }: Outcome): string[] {
  if (error !== undefined) return [`FAIL ${id}: ${error}`];
  return mismatches.map(
    ({ tensor, error, tolerance }) => `FAIL ${id} ${tensor}: error ${error.toExponential(2)}, tolerance ${tolerance}`,
  );
}

/** How many cases need each thing that cannot be built yet, and `N passed, M failed`. */
export function summaryLines(outcomes: readonly Outcome[]): string[] {
  const needs = new Map<string, number>();
  for (const { missing } of outcomes) for (const one of missing) needs.set(one, (needs.get(one) ?? 0) + 1);
  const passed = outcomes.filter(outcome => outcome.passed).length;
  return [
    ...[...needs]
      .sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
      .map(([option, count]) => `${count} need ${option}`),
    `${passed} passed, ${outcomes.length - passed} failed`,
  ];
}
