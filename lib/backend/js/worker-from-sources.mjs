// Starts worker.ts in a checkout. Not part of the package: Workers of Node 20 do not inherit the loader of TypeScript.
if (!process.features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
await import('./worker.ts');
