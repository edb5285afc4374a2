import type { Isa } from '../../lib/backend/native.ts';

/** How Node is started; arguments follow. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside this process's own. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Something that the native backend is built for. */
export interface Platform {
  /** In the words of Node: 'linux-arm64'. */
  readonly name: string;
  readonly isas: readonly Isa[];
  /**
   * Builds the addon and finds a Node for it.
   * @throws Missing where this machine lacks something; other errors where it has all and still does not build
   */
  prepare(): Launch;
}

/** In words: what to install. */
export class Missing extends Error {}
