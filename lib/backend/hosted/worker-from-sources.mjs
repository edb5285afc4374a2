// Starts the module of a Worker in a checkout. Not part of the package: Workers of Node 20 do not inherit the loader of
// TypeScript.
import { workerData } from 'node:worker_threads';

if (!process.features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
await import(workerData.entry);
