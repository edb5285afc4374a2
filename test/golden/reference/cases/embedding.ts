import { Draft } from '../draft.ts';
import { Value } from '../value.ts';

export function embeddingCases(): Draft[] {
  return [draft('repeated_ids', [4, 5], 6, 3, null), draft('padding', [12], 5, 17, 0)];
}

function draft(name: string, shape: readonly number[], rows: number, size: number, padding: number | null): Draft {
  const config = { num_embeddings: rows, embedding_dim: size, padding_idx: padding };
  const draft = new Draft(`embedding/${name}`, 'embedding', config, { out: 1e-5, grad: 2e-5 });
  const ids = draft.drawIntegers('in.ids', shape, rows);
  const weight = draft.draw('param.weight', [rows, size]);
  const up = draft.draw('up.y', [...shape, size]);
  const row = (id: number) => weight.slice(id * size, (id + 1) * size);
  draft.expect(
    'out.y',
    [...shape, size],
    ids.flatMap(id => row(id).map(({ value }) => value)),
  );
  Value.backward(
    ids.flatMap((id, at) => row(id).map((of, j) => ({ of, seed: id === padding ? 0 : up[at * size + j]!.value }))),
  );
  draft.expectGradients({ 'param.weight': weight });
  return draft;
}
