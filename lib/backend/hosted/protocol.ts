import type { ProgramData } from '../../program/program.ts';
import type { Feeds, NumberArray, Results } from '../backend.ts';

// What a backend and its Worker say to each other. Programs and runs are numbered by the backend.

export type Request =
  | {
      readonly kind: 'load';
      readonly program: number;
      readonly data: ProgramData;
      readonly storages: Readonly<Record<string, NumberArray>>;
      /** Shared; runs add what each step took. */
      readonly seconds: Float64Array;
    }
  | { readonly kind: 'unload'; readonly program: number }
  | {
      readonly kind: 'run';
      readonly run: number;
      readonly program: number;
      readonly feeds: Feeds;
      /** Shared; a value other than 0 cancels. */
      readonly cancel: Int32Array;
    };

export type Response = { readonly run: number } & (
  | { readonly results: Results }
  | { readonly cancelled: true }
  /** Cloning keeps an error's class, message and cause, but not its code. */
  | { readonly error: unknown; readonly code: string | undefined }
);

/** What a Worker starts with. */
export interface WorkerData<Given> {
  /** Its module. */
  readonly entry: string;
  readonly given: Given;
}
