import type { Isa } from '../../lib/backend/native.ts';

/** How Node is started; arguments follow. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside this process's own. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Something that the native backend is built for. */
export interface Platform<Computes extends string = Isa> {
  /** In the words of Node: 'linux-arm64'. */
  readonly name: string;
  /** What computes there, one after the other. */
  readonly isas: readonly Computes[];
  /**
   * Builds the addon and finds a Node for it.
   * @throws Missing where this machine lacks something; other errors where it has all and still does not build
   */
  prepare(): Launch;
}

export function withEnvironment(launch: Launch, more: Launch['environment']): Launch {
  return { ...launch, environment: { ...launch.environment, ...more } };
}

/** In words: what to install. */
export class Missing extends Error {}
