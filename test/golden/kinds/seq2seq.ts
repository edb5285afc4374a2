import { packLayout } from '../../../lib/data/ragged.ts';
import { BahdanauGru } from '../../../lib/layers/bahdanau-gru.ts';
import { Dense } from '../../../lib/layers/dense.ts';
import { Embedding } from '../../../lib/layers/embedding.ts';
import { Gru } from '../../../lib/layers/gru.ts';
import type { Flow, LayerContext } from '../../../lib/layers/layer.ts';
import { Lstm } from '../../../lib/layers/lstm.ts';
import { LuongLstm } from '../../../lib/layers/luong-lstm.ts';
import { type Parameter, Parameters } from '../../../lib/layers/parameter.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { softmaxCrossEntropy } from '../../../lib/ops/softmax-cross-entropy.ts';
import { record } from '../../../lib/program/recording.ts';
import type { Tensor } from '../../../lib/program/tensor.ts';
import { Random } from '../../../lib/random/random.ts';
import { integers } from '../feeds.ts';
import type { Kind } from '../kind.ts';
import type { Config } from '../manifest.ts';
import { layoutFeeds, pack, unpack } from '../ragged.ts';
import { transpose } from '../weights.ts';

/** Translation with teacher forcing: an encoder, and a decoder that attends to all of its steps. */
export const seq2seq: Kind = {
  buildable: {
    model: ['bahdanau_gru', 'luong_lstm'],
    cell: ['gru', 'lstm'],
    embedding_size: 'any',
    hidden_size: 'any',
    attention_size: 'any',
    pad_id: 'any',
    source_vocab: 'any',
    target_vocab: 'any',
  },

  async compute({ config, tensors }, backend) {
    const pad = config.pad_id as number;
    const model = build(config);
    const named = Object.entries(model.named).map(([name, parameter]) => ({
      name,
      parameter,
      turned: parameter.shape.length === 2 && !name.endsWith('embedding') && name !== 'attention.w',
    }));
    const parameters = new Parameters(
      named.map(({ parameter }) => parameter),
      backend,
    );
    for (const { name, parameter, turned } of named) {
      const stored = tensors.get(`param.${name}`)!;
      parameter.write(turned ? transpose(stored) : stored.values);
    }
    const program = record(
      recording => {
        const ids = (layout: string, name: string) => recording.feed(name, [recording.layout(layout).tokens], 'int32');
        const read = model.sourceEmbedding.apply(ids('source', 'in.source'));
        const written = model.targetEmbedding.apply(ids('target', 'in.target_in'));
        const { output, weights } = model.decode(read, written);
        const logits = model.head.apply(output);
        const { loss } = softmaxCrossEntropy(logits, ids('target', 'in.target_out'), { ignore: pad });
        const found = gradients(
          loss,
          named.map(({ parameter }) => parameter.tensor(recording)),
        );
        return {
          'out.logits': logits,
          'out.weights': weights,
          'out.loss': loss,
          ...Object.fromEntries(named.map(({ name }, index) => [`grad.param.${name}`, found[index]!])),
        };
      },
      { mode: 'train' },
    );

    const source = packLayout([...tensors.get('in.source_lengths')!.values]);
    const [batch, steps] = tensors.get('in.target_in')!.shape as [number, number];
    const target = packLayout(new Array(batch).fill(steps));
    const [left, right] = [layoutFeeds('source', source), layoutFeeds('target', target)];
    const packed = (name: string, layout: typeof source) => integers(pack(tensors.get(name)!, layout, 'batch first'));
    const results = await backend.load(program, { parameters: parameters.storage }).run({
      sizes: { ...left.sizes, ...right.sizes },
      values: {
        ...left.values,
        ...right.values,
        'in.source': packed('in.source', source),
        'in.target_in': packed('in.target_in', target),
        'in.target_out': packed('in.target_out', target),
      },
    });
    return Object.fromEntries(
      Object.entries(results).map(([name, result]) => {
        if (name === 'out.logits' || name === 'out.weights')
          return [name, unpack(result, tensors.get(name)!.shape, target, 'batch first')];
        const of = named.find(each => `grad.param.${each.name}` === name);
        return [name, of?.turned ? transpose({ shape: of.parameter.shape, values: result }) : result];
      }),
    );
  },
};

interface Translation {
  readonly sourceEmbedding: Embedding;
  readonly targetEmbedding: Embedding;
  /** Of embedded source and target symbols. */
  decode(read: Tensor, written: Tensor): { readonly output: Tensor; readonly weights: Tensor };
  readonly head: Dense;
  /** The parameters by their names in the files. */
  readonly named: Readonly<Record<string, Parameter>>;
}

function build(config: Config): Translation {
  const number = (name: string) => config[name] as number;
  const size = number('hidden_size');
  const embeddingSize = number('embedding_size');
  const context = (name: string, input: Flow): LayerContext => {
    return { name, input, random: new Random(0, 0), seed: 0, nextMask: () => 0, find: () => undefined };
  };
  const embedding = (side: 'source' | 'target') =>
    new Embedding(
      { vocabulary: number(`${side}_vocab`), size: embeddingSize, paddingId: number('pad_id') },
      context(`${side}_embedding`, { kind: 'ids', size: 1 }),
    );
  const [sourceEmbedding, targetEmbedding] = [embedding('source'), embedding('target')];
  const recurrent = { size, biases: 'two', output: 'sequence' } as const;
  const encoderContext = context('encoder', sourceEmbedding.output);
  const decoderContext = { ...context('decoder', targetEmbedding.output), memory: { kind: 'sequence', size } as const };
  const parts = (): {
    encoder: Gru | Lstm;
    decoder: BahdanauGru | LuongLstm;
    decode: Translation['decode'];
    outputSize: number;
  } => {
    if (config.model === 'bahdanau_gru') {
      const encoder = new Gru(recurrent, encoderContext);
      const options = { size, biases: 'two', attentionSize: number('attention_size') } as const;
      const decoder = new BahdanauGru(options, decoderContext);
      const decode: Translation['decode'] = (read, written) => {
        const { output, state } = encoder.forward(read);
        return decoder.forward(written, decoder.remember(output), state);
      };
      return { encoder, decoder, decode, outputSize: 2 * size };
    }
    const encoder = new Lstm(recurrent, encoderContext);
    const decoder = new LuongLstm({ size, biases: 'two' }, decoderContext);
    const decode: Translation['decode'] = (read, written) => {
      const { output, state } = encoder.forward(read);
      return decoder.forward(written, decoder.remember(output), state);
    };
    return { encoder, decoder, decode, outputSize: size };
  };
  const { encoder, decoder, decode, outputSize } = parts();
  const head = new Dense({ size: number('target_vocab') }, context('output', { kind: 'sequence', size: outputSize }));
  const { queryWeight, keyWeight, bias, v, weight, outputWeight } = decoder.attention;
  const attention = { w_query: queryWeight, w_key: keyWeight, bias, v, w: weight, w_out: outputWeight };
  return {
    sourceEmbedding,
    targetEmbedding,
    decode,
    head,
    named: {
      source_embedding: sourceEmbedding.weight,
      target_embedding: targetEmbedding.weight,
      ...weightsOf('encoder', encoder.weights),
      ...weightsOf('decoder', decoder.weights),
      ...Object.fromEntries(
        Object.entries(attention).flatMap(([name, parameter]) =>
          parameter ? [[`attention.${name}`, parameter] as const] : [],
        ),
      ),
      'output.weight': head.weight,
      'output.bias': head.bias!,
    },
  };
}

function weightsOf(
  prefix: string,
  cell: Pick<Gru['weights'], 'inputWeight' | 'recurrentWeight' | 'bias' | 'recurrentBias'>,
): Record<string, Parameter> {
  return {
    [`${prefix}.weight_ih_l0`]: cell.inputWeight,
    [`${prefix}.weight_hh_l0`]: cell.recurrentWeight,
    [`${prefix}.bias_ih_l0`]: cell.bias!,
    [`${prefix}.bias_hh_l0`]: cell.recurrentBias!,
  };
}
