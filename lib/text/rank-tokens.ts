import { TimeSlice } from './time-slice.ts';

/** Tokens between two looks at the clock. */
const stepsPerLook = 1024;

/** The distinct tokens of texts, most frequent first, ties by first seen. Gives the event loop a turn every few milliseconds. */
export async function rankTokens(
  texts: Iterable<string> | AsyncIterable<string>,
  cut: (text: string) => Iterable<string>,
): Promise<string[]> {
  const slice = new TimeSlice();
  let steps = 0;
  const counts = new Map<string, number>();
  for await (const text of texts) {
    for (const token of cut(text)) {
      counts.set(token, (counts.get(token) ?? 0) + 1);
      if (++steps % stepsPerLook === 0 && slice.over) await slice.next();
    }
    if (slice.over) await slice.next();
  }

  const byCount = new Map<number, string[]>();
  for (const [token, count] of counts) {
    const same = byCount.get(count);
    if (same) same.push(token);
    else byCount.set(count, [token]);
    if (++steps % stepsPerLook === 0 && slice.over) await slice.next();
  }
  return [...byCount.keys()].sort((a, b) => b - a).flatMap(count => byCount.get(count)!);
}
