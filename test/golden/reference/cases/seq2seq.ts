import { Draft } from '../draft.ts';
import { crossEntropy, reduce } from '../loss.ts';
import { recurrent } from '../recurrent.ts';
import { add, constant, dot, exp, log, subtract, sum, tanh, Value } from '../value.ts';

type Vector = readonly Value[];

const lengths = { source: [4, 1, 3], target: [2, 4, 3] } as const;
const sizes = { embedding_size: 3, hidden_size: 5, pad_id: 0, source_vocab: 7, target_vocab: 6 } as const;

export function seq2seqCases(): Draft[] {
  return [
    draft('bahdanau_gru_ragged', { ...sizes, model: 'bahdanau_gru', cell: 'gru', attention_size: 4 }),
    draft('luong_lstm_ragged', { ...sizes, model: 'luong_lstm', cell: 'lstm', attention_size: null }),
  ];
}

type Config = typeof sizes &
  (
    | { readonly model: 'bahdanau_gru'; readonly cell: 'gru'; readonly attention_size: number }
    | { readonly model: 'luong_lstm'; readonly cell: 'lstm'; readonly attention_size: null }
  );

/** What a decoder carries, and what it makes of a step. */
interface State {
  readonly h: Vector;
  readonly c: Vector;
  readonly feed: Vector;
}

function draft(name: string, config: Config): Draft {
  const { model, cell, embedding_size: E, hidden_size: H, attention_size, pad_id, source_vocab, target_vocab } = config;
  const draft = new Draft(`seq2seq/${name}`, 'seq2seq', config, { out: 1e-5, grad: 2e-5 });
  const [batch, steps] = [lengths.source.length, Math.max(...lengths.source)];
  const outputs = Math.max(...lengths.target);
  const symbols = (tensor: string, vocabulary: number, counts: readonly number[], columns: number) => {
    const drawn = draft.drawIntegers(tensor, [batch, columns], vocabulary - 1);
    const rows = counts.map((count, b) =>
      Array.from({ length: columns }, (_, t) => (t < count ? 1 + drawn[b * columns + t]! : pad_id)),
    );
    draft.keepIntegers(tensor, [batch, columns], rows.flat());
    return rows;
  };
  const source = symbols('in.source', source_vocab, lengths.source, steps);
  draft.keepIntegers('in.source_lengths', [batch], lengths.source);
  const targetIn = symbols('in.target_in', target_vocab, lengths.target, outputs);
  const targetOut = symbols('in.target_out', target_vocab, lengths.target, outputs);

  const wanted: Record<string, Vector> = {};
  const draw = (parameter: string, ...shape: readonly number[]) =>
    (wanted[`param.${parameter}`] = draft.draw(`param.${parameter}`, shape));
  const matrix = (parameter: string, rows: number, columns: number) => {
    const values = draw(parameter, rows, columns);
    return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
  };
  const embedding = (parameter: string, vocabulary: number) => {
    const rows = matrix(parameter, vocabulary, E);
    return (symbol: number) => (symbol === pad_id ? rows[symbol]!.map(({ value }) => constant(value)) : rows[symbol]!);
  };
  const [read, write] = [embedding('source_embedding', source_vocab), embedding('target_embedding', target_vocab)];
  const gates = { gru: 3, lstm: 4 }[cell] * H;
  const network = (prefix: string, inputs: number) => {
    const weights: Readonly<Record<string, Vector>> = {
      weight_ih_l0: draw(`${prefix}.weight_ih_l0`, gates, inputs),
      weight_hh_l0: draw(`${prefix}.weight_hh_l0`, gates, H),
      bias_ih_l0: draw(`${prefix}.bias_ih_l0`, gates),
      bias_hh_l0: draw(`${prefix}.bias_hh_l0`, gates),
    };
    const layers = {
      cell,
      hidden_size: H,
      num_layers: 1,
      direction: 'forward',
      reset: 'after',
      update: 'keep',
    } as const;
    return (x: readonly Vector[], state?: State) => {
      const initial = state ? { h: () => state.h, c: () => state.c } : {};
      const { y, states } = recurrent(layers, [x], { parameter: name => weights[name], ...initial });
      return { y: y[0]!, ...states[0]![0]! };
    };
  };
  const encode = network('encoder', E);
  const next = network('decoder', E + H);
  const attend = attention();
  const outputWeight = matrix('output.weight', target_vocab, model === 'bahdanau_gru' ? 2 * H : H);
  const outputBias = draw('output.bias', target_vocab);

  const logits: Vector[] = [];
  const weights: Value[] = [];
  source.forEach((words, b) => {
    const count = lengths.source[b]!;
    const encoded = encode(words.slice(0, count).map(read));
    let state: State = { h: encoded.h, c: encoded.c, feed: Array.from({ length: H }, () => constant(0)) };
    for (const symbol of targetIn[b]!) {
      const step = decode(write(symbol), state, encoded.y);
      state = step.state;
      weights.push(...step.weights, ...Array.from({ length: steps - count }, () => constant(0)));
      logits.push(product(outputWeight, step.output).map((value, at) => add(value, outputBias[at]!)));
    }
  });
  const one = new Array<number>(target_vocab).fill(1);
  const { losses, weight } = crossEntropy({ ignore_index: pad_id, label_smoothing: 0 }, logits, targetOut.flat(), one);
  const loss = reduce('mean', losses, weight)[0]!;
  const numbers = (values: readonly Value[]) => values.map(({ value }) => value);
  draft.expect('out.logits', [batch, outputs, target_vocab], numbers(logits.flat()));
  draft.expect('out.weights', [batch, outputs, steps], numbers(weights));
  draft.expect('out.loss', [], [loss.value]);
  Value.backward([{ of: loss, seed: 1 }]);
  draft.expectGradients(wanted);
  return draft;

  function decode(x: Vector, state: State, memory: readonly Vector[]) {
    if (model === 'bahdanau_gru') {
      const { weights, context } = attend(state.h, memory);
      const { h, c } = next([[...x, ...context]], state);
      return { state: { h, c, feed: state.feed }, weights, output: [...h, ...context] };
    }
    const { h, c } = next([[...x, ...state.feed]], state);
    const { weights, attentional } = attend(h, memory);
    return { state: { h, c, feed: attentional }, weights, output: attentional };
  }

  function attention() {
    if (attention_size !== null) {
      const [wQuery, wKey] = [
        matrix('attention.w_query', attention_size, H),
        matrix('attention.w_key', attention_size, H),
      ];
      const [bias, v] = [draw('attention.bias', attention_size), draw('attention.v', attention_size)];
      return lookUp((h, m) => {
        const [query, key] = [product(wQuery, h), product(wKey, m)];
        return dot(
          v,
          query.map((value, unit) => tanh(sum([value, key[unit]!, bias[unit]!]))),
        );
      });
    }
    const [w, wOut] = [matrix('attention.w', H, H), matrix('attention.w_out', H, 2 * H)];
    return lookUp((h, m) => dot(h, product(w, m)), wOut);
  }
}

/** Softmax of the scores, the mean of the memory by it, and tanh(wOut·[context; h]). */
function lookUp(score: (h: Vector, m: Vector) => Value, wOut: readonly Vector[] = []) {
  return (h: Vector, memory: readonly Vector[]) => {
    const scores = memory.map(m => score(h, m));
    const total = log(sum(scores.map(exp)));
    const weights = scores.map(score => exp(subtract(score, total)));
    const context = h.map((_, at) =>
      dot(
        weights,
        memory.map(m => m[at]!),
      ),
    );
    return { weights, context, attentional: product(wOut, [...context, ...h]).map(tanh) };
  };
}

function product(matrix: readonly Vector[], x: Vector): Value[] {
  return matrix.map(row => dot(row, x));
}
