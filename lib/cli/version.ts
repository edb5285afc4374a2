import { readFileSync } from 'node:fs';
import { inPackage } from '../package-root.ts';

/** Of this package. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(inPackage('package.json'), 'utf8')).version;
}
