import { Attention, type AttentionOptions } from '../../../lib/layers/attention.ts';
import { type Parameter, Parameters } from '../../../lib/layers/parameter.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { record } from '../../../lib/program/recording.ts';
import type { Tensor } from '../../../lib/program/tensor.ts';
import { Random } from '../../../lib/random/random.ts';
import { integers, real } from '../feeds.ts';
import type { Kind } from '../kind.ts';
import type { Config } from '../manifest.ts';
import { transpose } from '../weights.ts';

const scores: Readonly<Record<string, AttentionOptions['score']>> = {
  additive: 'additive',
  concat: 'concat',
  dot: 'dot',
  scaled_dot: 'scaledDot',
  general: 'general',
};

/** Keys that are attended to with queries, and all gradients. */
export const attention: Kind = {
  buildable: {
    score: Object.keys(scores),
    bias: 'any',
    lengths: 'any',
    batch: 'any',
    queries: 'any',
    keys: 'any',
    query_size: 'any',
    key_size: 'any',
    value_size: 'any',
    attention_size: 'any',
  },

  async compute({ config, tensors }, backend) {
    const layer = build(config);
    const parameters = new Parameters(layer.parameters, backend);
    const named = parametersOf(layer);
    for (const [name, { parameter, turned }] of Object.entries(named)) {
      const stored = tensors.get(`param.${name}`)!;
      parameter.write(turned ? transpose(stored) : stored.values);
    }
    const program = record(
      recording => {
        const input = (name: string) => recording.feed(name, tensors.get(name)!.shape);
        const [query, keys, values] = ['in.query', 'in.keys', 'in.values'].map(input) as [Tensor, Tensor, Tensor];
        const lengths = config.lengths ? recording.feed('in.lengths', [config.batch as number], 'int32') : undefined;
        const { weights, context } = layer.attend(query, layer.remember(keys, values, lengths));
        const outputs = { weights, context, attentional: layer.attentional(query, context) };
        const wanted = {
          'in.query': query,
          'in.keys': keys,
          'in.values': values,
          ...Object.fromEntries(
            Object.entries(named).map(([name, { parameter }]) => [`param.${name}`, parameter.tensor(recording)]),
          ),
        };
        const found = gradients(
          Object.entries(outputs).map(([name, of]) => ({ of, gradient: input(`up.${name}`) })),
          Object.values(wanted),
        );
        return {
          ...Object.fromEntries(Object.entries(outputs).map(([name, output]) => [`out.${name}`, output])),
          ...Object.fromEntries(Object.keys(wanted).map((name, index) => [`grad.${name}`, found[index]!])),
        };
      },
      { mode: 'train' },
    );
    const values = Object.fromEntries(
      [...tensors]
        .filter(([name]) => /^(in|up)\./.test(name))
        .map(([name, stored]) => [
          name,
          name === 'in.lengths' ? integers(stored.values) : real(backend, stored.values),
        ]),
    );
    const results = await backend.load(program, { parameters: parameters.storage }).run({ sizes: {}, values });
    return Object.fromEntries(
      Object.entries(results).map(([name, result]) => {
        const of = named[name.replace('grad.param.', '')];
        return [name, of?.turned ? transpose({ shape: of.parameter.shape, values: result }) : result];
      }),
    );
  },
};

function build(config: Config): Attention {
  const size = (name: string) => config[`${name}_size`] as number;
  return new Attention(
    {
      score: scores[config.score as string]!,
      size: size('attention'),
      bias: config.bias as boolean,
      output: size('query'),
    },
    {
      name: 'attention',
      querySize: size('query'),
      keySize: size('key'),
      valueSize: size('value'),
      random: new Random(0, 0),
    },
  );
}

interface Named {
  readonly parameter: Parameter;
  /** Whether the files have its transpose. */
  readonly turned: boolean;
}

/** The parameters by their names in the files. */
function parametersOf({ queryWeight, keyWeight, bias, weight, v, outputWeight }: Attention): Record<string, Named> {
  const turned = { w_query: queryWeight, w_key: keyWeight, w_out: outputWeight, ...(v ? { w: weight } : {}) };
  const straight = { bias, v, ...(v ? {} : { w: weight }) };
  const named = (parameters: Readonly<Record<string, Parameter | undefined>>, turned: boolean) =>
    Object.entries(parameters).flatMap(([name, parameter]) => (parameter ? [[name, { parameter, turned }]] : []));
  return Object.fromEntries([...named(turned, true), ...named(straight, false)]);
}
