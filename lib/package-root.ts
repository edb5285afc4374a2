/** A file of the package, or its folder. This file, and what scripts/compile.mjs puts it into, lies one level below package.json. */
export function inPackage(path = ''): URL {
  const here = import.meta.url; // by this name, or bundlers would take it for a file to bring along
  return new URL(`../${path}`, here);
}
