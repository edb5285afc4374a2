import { join } from 'node:path';
import { failure } from '../../lib/errors.ts';
import { isRecord, readJson } from '../read-json.ts';
import { readTensors, type Stored } from './tensors.ts';

export type Config = { readonly [option: string]: unknown };
export type Precision = 'float32' | 'float64';

/** One case of a folder of golden vectors: what to build, what goes in, what must come out. */
export interface GoldenCase {
  readonly id: string;
  readonly kind: string;
  readonly config: Config;
  /** By name: `in.*`, `param.*`, `up.*`, `out.*`, `grad.*`. */
  readonly tensors: ReadonlyMap<string, Stored>;
  /** Largest error that passes, per precision, of outputs and of gradients. */
  readonly tolerance: Readonly<Record<Precision, { readonly out: number; readonly grad?: number }>>;
}

const schema = 'rnn-golden/1';

/** Reads `manifest.json` and every file it names, so that a damaged folder is refused before anything runs. */
export function readCases(folder: string): GoldenCase[] {
  const path = join(folder, 'manifest.json');
  const manifest = readJson(path, 'a folder of golden vectors');
  const fail = (why: string) => failure('ERR_FORMAT', `${path}: ${why}`);
  if (!isRecord(manifest) || manifest.schema !== schema)
    throw fail(`is not a manifest of golden vectors (schema "${schema}")`);
  if (!Array.isArray(manifest.cases) || manifest.cases.length === 0) throw fail('has no cases');
  if (manifest.count !== manifest.cases.length)
    throw fail(`says it has ${manifest.count} cases, but has ${manifest.cases.length}`);
  const files = new Map<string, Map<string, Stored>>();
  return manifest.cases.map((entry: unknown, index) => {
    if (!isRecord(entry)) throw fail(`case ${index} is not an object`);
    const { id, kind, file, config, tensors, tolerance } = entry;
    if (typeof id !== 'string') throw fail(`case ${index} has no id`);
    if (typeof kind !== 'string' || typeof file !== 'string') throw fail(`${id} has no kind or no file`);
    if (!isRecord(config) || !isRecord(tensors)) throw fail(`${id} has no config or no tensors`);
    if (!Object.keys(tensors).some(name => name.startsWith('out.'))) throw fail(`${id} expects nothing`);
    if (!hasTolerances(tolerance)) throw fail(`${id} has no tolerance for each of float32 and float64`);
    const stored = files.get(file) ?? readTensors(join(folder, file));
    files.set(file, stored);
    return { id, kind, config, tolerance, tensors: tensorsOf(id, tensors, stored, file) };
  });
}

function tensorsOf(
  id: string,
  declared: Readonly<Record<string, unknown>>,
  stored: ReadonlyMap<string, Stored>,
  file: string,
): Map<string, Stored> {
  return new Map(
    Object.entries(declared).map(([name, spec]) => {
      const tensor = stored.get(`${id}/${name}`);
      if (!tensor) throw failure('ERR_FORMAT', `${file}: has no tensor ${id}/${name}`);
      const shape = Array.isArray(spec) ? spec[1] : undefined;
      if (String(shape) !== String(tensor.shape))
        throw failure('ERR_FORMAT', `${file}: ${id}/${name} has shape [${tensor.shape}], the manifest says [${shape}]`);
      return [name, tensor];
    }),
  );
}

function hasTolerances(value: unknown): value is GoldenCase['tolerance'] {
  return (
    isRecord(value) &&
    [value.float32, value.float64].every(
      one => isRecord(one) && typeof one.out === 'number' && (one.grad === undefined || typeof one.grad === 'number'),
    )
  );
}
