import { readFileSync, writeFileSync } from 'node:fs';
import type { Isa } from '../../lib/backend/native.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { type Case, hashOf } from './case.ts';

/** By case. The committed ones were made by `npm run bits -- --write`. */
export type Hashes = Readonly<Record<string, string>>;

export const threadCounts = [1, 2, 3] as const;

const file = new URL('hashes.json', import.meta.url);

export function readHashes(): Hashes {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function writeHashes(hashes: Hashes): void {
  writeFileSync(file, `${JSON.stringify(hashes, null, 2)}\n`);
}

export async function hashesOn(isa: Isa, threads: number, cases: readonly Case[]): Promise<Hashes> {
  const backend = native({ isa, threads });
  try {
    return Object.fromEntries(cases.map(each => [each.name, hashOf(each, backend)]));
  } finally {
    await backend.close();
  }
}

/** A line for every case whose hash is another one on some number of threads. */
export async function differences(isa: Isa, cases: readonly Case[], expected: Hashes): Promise<string[]> {
  const lines: string[] = [];
  for (const threads of threadCounts)
    for (const [name, hash] of Object.entries(await hashesOn(isa, threads, cases)))
      if (hash !== expected[name]) lines.push(`${name}: other bits with ${isa} on ${threads} threads`);
  return lines;
}
