import { type NamedTensor, writeSafetensors } from '../formats/safetensors.ts';
import type { Loss } from '../losses/loss.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { EncoderData } from '../text/encoder.ts';
import type { Model } from './model.ts';
import type { NetworkDescription } from './network.ts';

/** The metadata section `recurra` of a model file. */
export interface ModelDescription {
  readonly version: 1;
  readonly network: NetworkDescription;
  readonly encoder?: EncoderData;
  readonly training?: { readonly loss: Pick<Loss, 'name' | 'options'>; readonly optimizer: Optimizer };
}

/** Name of the metadata section that holds it. */
export const section = 'recurra';

/** Writes a model as one safetensors file: a tensor per parameter, everything else as JSON in its metadata. */
export async function save(model: Model, path: string): Promise<void> {
  const { network, encoder, training } = model;
  const description: ModelDescription = {
    version: 1,
    network: network.description,
    ...(encoder ? { encoder: encoder.toJSON() } : {}),
    ...(training
      ? {
          training: {
            loss: { name: training.loss.name, options: training.loss.options },
            optimizer: training.optimizer,
          },
        }
      : {}),
  };
  const { parameters } = await model.snapshot();
  const tensors = new Map<string, NamedTensor>();
  for (const { name, shape, values } of parameters) tensors.set(name, { shape, data: values });
  await writeSafetensors(path, { tensors, metadata: new Map([[section, JSON.stringify(description)]]) });
}
