import type { Config } from './manifest.ts';

/** What of each option can be built: any value, one of a list, or an object of further options. */
export type Buildable = {
  readonly [option: string]: 'any' | readonly (string | number | boolean)[] | Buildable;
};

/**
 * The options a config asks for that cannot be built yet. An option that is false or null is off; one that is not in
 * the table is missing whatever its value; one outside its list is named together with its value.
 */
export function missingOptions(config: Config, buildable: Buildable): string[] {
  return Object.entries(config).flatMap(([option, value]) => {
    if (value === false || value === null) return [];
    const known = buildable[option];
    if (known === undefined) return [option];
    if (known === 'any') return [];
    if (isList(known)) return known.some(one => one === value) ? [] : [`${option} ${value}`];
    return missingOptions(value as Config, known);
  });
}

function isList(known: Exclude<Buildable[string], string>): known is readonly (string | number | boolean)[] {
  return Array.isArray(known);
}
