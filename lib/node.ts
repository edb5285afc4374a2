import type * as crypto from 'node:crypto';
import type * as fs from 'node:fs';
import type * as files from 'node:fs/promises';
import type * as module from 'node:module';
import type * as timers from 'node:timers/promises';
import type * as url from 'node:url';
import type * as threads from 'node:worker_threads';
import { failure } from './errors.ts';

// Modules that browsers load too reach Node through this file: an import of one of Node's own modules would be their end there.

interface Modules {
  readonly 'node:crypto': typeof crypto;
  readonly 'node:fs': typeof fs;
  readonly 'node:fs/promises': typeof files;
  readonly 'node:module': typeof module;
  readonly 'node:timers/promises': typeof timers;
  readonly 'node:url': typeof url;
  readonly 'node:worker_threads': typeof threads;
}

const { process } = globalThis as { process?: NodeJS.Process };

/** Node's process; undefined in a browser, whatever a bundler puts in its place. */
export const node = typeof process?.getBuiltinModule === 'function' ? process : undefined;

/** One of Node's own modules. @throws ERR_BACKEND in a browser */
export function nodeModule<Name extends keyof Modules>(name: Name): Modules[Name] {
  if (!node) throw failure('ERR_BACKEND', `${name} is needed, which a browser does not have`);
  return node.getBuiltinModule(name as string) as Modules[Name];
}
