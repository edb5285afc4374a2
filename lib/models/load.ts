import type { Backend, RealArray } from '../backend/backend.ts';
import { failure } from '../errors.ts';
import { decodeSafetensors, readSafetensors } from '../formats/safetensors.ts';
import { type CellFactory, withCode } from '../layers/recurrent-cell.ts';
import { buildLoss } from '../losses/index.ts';
import { Encoder } from '../text/encoder.ts';
import { Model } from './model.ts';
import { type ModelDescription, section } from './model-file.ts';

export interface LoadOptions {
  /** Default: native, or WebAssembly or JavaScript where there is no native build. */
  readonly backend?: Backend;
  /** The model's cells of your own, as `recurrentCell` returned them: a file has their names, not their code. */
  readonly cells?: readonly Pick<CellFactory<object>, 'cell'>[];
}

/**
 * Reads a model that `save` wrote: from a file, or from its bytes, in a browser that has fetched them.
 * @throws ERR_FILE where the file cannot be read; ERR_FORMAT where it is truncated, corrupted or no model of recurra;
 * ERR_ARGUMENT where a cell of your own is not given
 */
export async function load(source: string | Uint8Array, { cells = [], ...options }: LoadOptions = {}): Promise<Model> {
  const isPath = typeof source === 'string';
  const path = isPath ? source : 'the file';
  const { tensors, metadata } = isPath ? await readSafetensors(source) : decodeSafetensors(source, path);
  const text = metadata.get(section);
  const fail = (why: string, cause?: unknown) => failure('ERR_FORMAT', `load: ${path} ${why}`, cause);
  if (text === undefined) throw fail('is a safetensors file, but not a model saved by recurra');
  let description: ModelDescription;
  try {
    description = JSON.parse(text, (_, value) => withCode(value, cells));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw fail('has a description that is not JSON', error);
  }
  if (description?.version !== 1)
    throw fail(`has format version ${description?.version}; this version of recurra reads version 1`);
  const model = build(description, options, fail);
  for (const parameter of model.parameters) {
    const tensor = tensors.get(parameter.name);
    if (!tensor) throw fail(`lacks the tensor ${parameter.name}`);
    if (
      tensor.shape.join() !== parameter.shape.join() ||
      !(tensor.data instanceof Float32Array || tensor.data instanceof Float64Array)
    )
      throw fail(
        `has ${parameter.name} as [${tensor.shape.join(', ')}], expected floats [${parameter.shape.join(', ')}]`,
      );
    parameter.write(tensor.data as RealArray);
  }
  return model;
}

function build(
  description: ModelDescription,
  options: { readonly backend?: Backend },
  fail: (why: string, cause?: unknown) => Error,
): Model {
  try {
    const model = new Model(description.network, options);
    if (description.encoder) model.encoder = Encoder.fromJSON(description.encoder);
    if (description.training)
      model.training = { loss: buildLoss(description.training.loss), optimizer: description.training.optimizer };
    return model;
  } catch (error) {
    if (['ERR_BACKEND', 'ERR_MEMORY'].includes((error as { code?: string }).code ?? '')) throw error;
    throw fail(`has a damaged description: ${(error as Error).message}`, error);
  }
}
