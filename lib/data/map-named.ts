/** What is made of each, by the same names. */
export function mapNamed<T, R>(all: Readonly<Record<string, T>>, map: (of: T, name: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(all).map(([name, of]) => [name, map(of, name)]));
}
