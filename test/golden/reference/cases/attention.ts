import { Draft } from '../draft.ts';
import { constant, dot, exp, log, scale, subtract, sum, tanh, Value } from '../value.ts';

interface Config {
  readonly score: 'additive' | 'concat' | 'dot' | 'scaled_dot' | 'general';
  readonly bias?: boolean;
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly query_size: number;
  readonly key_size: number;
  readonly value_size: number;
  readonly attention_size: number;
}

type Rows = readonly (readonly Value[])[];

const ragged = { batch: 3, queries: 2, keys: 5, query_size: 4, key_size: 4, value_size: 3, attention_size: 6 } as const;
const single = {
  batch: 1,
  queries: 1,
  keys: 17,
  query_size: 9,
  key_size: 3,
  value_size: 16,
  attention_size: 17,
} as const;

export function attentionCases(): Draft[] {
  return [
    draft('additive_ragged', { ...ragged, key_size: 2, score: 'additive', bias: true }, [5, 2, 4]),
    draft('additive_nobias', { ...single, score: 'additive' }),
    draft('concat_ragged', { ...ragged, key_size: 7, score: 'concat' }, [1, 5, 3]),
    draft('dot_ragged', { ...ragged, score: 'dot' }, [3, 3, 5]),
    draft('scaled_dot', { ...single, key_size: 9, score: 'scaled_dot' }),
    draft('general_ragged', { ...ragged, key_size: 6, score: 'general' }, [4, 5, 1]),
  ];
}

function draft(name: string, config: Config, lengths: readonly number[] = []): Draft {
  const { score, bias = false, batch, queries, keys, query_size, key_size, value_size, attention_size } = config;
  const draft = new Draft(
    `attention/${name}`,
    'attention',
    { ...config, bias, lengths: lengths.length > 0 },
    { out: 1e-5, grad: 2e-5 },
  );
  const wanted: Record<string, readonly Value[]> = {};
  const draw = (tensor: string, shape: readonly number[]) => (wanted[tensor] = draft.draw(tensor, shape));
  const query = draw('in.query', [batch, queries, query_size]);
  const key = draw('in.keys', [batch, keys, key_size]);
  const value = draw('in.values', [batch, keys, value_size]);
  if (lengths.length > 0) draft.keepIntegers('in.lengths', [batch], lengths);

  const matrix = (parameter: string, rows: number, columns: number) =>
    rowsOf(draw(`param.${parameter}`, [rows, columns]), columns);
  const vector = (parameter: string) => draw(`param.${parameter}`, [attention_size]);
  const compare = comparison();
  const wOut = matrix('w_out', query_size, value_size + query_size);

  const outputs: Record<'weights' | 'context' | 'attentional', Value[]> = { weights: [], context: [], attentional: [] };
  for (let b = 0; b < batch; b++) {
    const length = lengths[b] ?? keys;
    const itsKeys = rowsOf(key, key_size).slice(b * keys, b * keys + length);
    const itsValues = rowsOf(value, value_size).slice(b * keys, b * keys + length);
    for (const q of rowsOf(query, query_size).slice(b * queries, (b + 1) * queries)) {
      const weights = softmax(itsKeys.map(k => compare(q, k)));
      const context = Array.from({ length: value_size }, (_, at) =>
        dot(
          weights,
          itsValues.map(row => row[at]!),
        ),
      );
      outputs.weights.push(...weights, ...Array.from({ length: keys - length }, () => constant(0)));
      outputs.context.push(...context);
      outputs.attentional.push(...product(wOut, [...context, ...q]).map(tanh));
    }
  }

  const seeds = Object.entries(outputs).flatMap(([output, values]) => {
    const shape = [batch, queries, values.length / (batch * queries)];
    draft.expect(
      `out.${output}`,
      shape,
      values.map(({ value }) => value),
    );
    const up = draft.draw(`up.${output}`, shape);
    return values.map((of, index) => ({ of, seed: up[index]!.value }));
  });
  Value.backward(seeds);
  draft.expectGradients(wanted);
  return draft;

  function comparison(): (q: readonly Value[], k: readonly Value[]) => Value {
    if (score === 'dot') return dot;
    if (score === 'scaled_dot') return (q, k) => scale(dot(q, k), 1 / Math.sqrt(query_size));
    if (score === 'general') {
      const w = matrix('w', query_size, key_size);
      return (q, k) => dot(q, product(w, k));
    }
    if (score === 'concat') {
      const [w, v] = [matrix('w', attention_size, query_size + key_size), vector('v')];
      return (q, k) => dot(v, product(w, [...q, ...k]).map(tanh));
    }
    const [wQuery, wKey] = [matrix('w_query', attention_size, query_size), matrix('w_key', attention_size, key_size)];
    const [v, shift] = [vector('v'), bias ? vector('bias') : undefined];
    return (q, k) => {
      const [fromQuery, fromKey] = [product(wQuery, q), product(wKey, k)];
      return dot(
        v,
        fromQuery.map((a, unit) => tanh(sum([a, fromKey[unit]!, ...(shift ? [shift[unit]!] : [])]))),
      );
    };
  }
}

function rowsOf(values: readonly Value[], columns: number): Rows {
  return Array.from({ length: values.length / columns }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}

function product(matrix: Rows, x: readonly Value[]): Value[] {
  return matrix.map(row => dot(row, x));
}

function softmax(scores: readonly Value[]): Value[] {
  const total = log(sum(scores.map(exp)));
  return scores.map(score => exp(subtract(score, total)));
}
