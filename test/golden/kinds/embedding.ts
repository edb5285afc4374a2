import { gather } from '../../../lib/ops/gather.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { record } from '../../../lib/program/recording.ts';
import { integers, real } from '../feeds.ts';
import type { Kind } from '../kind.ts';
import { Weights } from '../weights.ts';

/** Rows of a table. */
export const embedding: Kind = {
  buildable: { num_embeddings: 'any', embedding_dim: 'any', padding_idx: 'any' },

  async compute({ config, tensors }, backend) {
    const weights = new Weights(backend, tensors);
    const ids = tensors.get('in.ids')!;
    const up = tensors.get('up.y')!;
    const ignore = (config.padding_idx as number | null) ?? -1;
    const program = record(
      recording => {
        const table = weights.tensor(recording, 'weight')!;
        const y = gather(table, recording.feed('ids', ids.shape, 'int32'), { ignore });
        const [gradient] = gradients([{ of: y, gradient: recording.feed('up', up.shape) }], [table]);
        return { 'out.y': y, 'grad.param.weight': gradient! };
      },
      { mode: 'train' },
    );
    const values = { ids: integers(ids.values), up: real(backend, up.values) };
    return backend.load(program, weights.storages).run({ sizes: {}, values });
  },
};
