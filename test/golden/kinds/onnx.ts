import type { OnnxNode, OnnxTensor } from '../../../lib/onnx/node.ts';
import { onnxRecurrent } from '../../../lib/onnx/recurrent.ts';
import type { Kind } from '../kind.ts';

/** One node of an ONNX graph, in its own layout. */
export const onnx: Kind = {
  buildable: {
    op_type: ['RNN', 'GRU', 'LSTM'],
    attributes: Object.fromEntries(
      [
        'activation_alpha',
        'activation_beta',
        'activations',
        'clip',
        'direction',
        'hidden_size',
        'input_forget',
        'layout',
        'linear_before_reset',
      ].map(attribute => [attribute, 'any']),
    ),
  },

  async compute({ config, tensors }, backend) {
    const inputs = Object.fromEntries(
      [...tensors]
        .filter(([name]) => name.startsWith('in.'))
        .map(([name, { shape, values }]): [string, OnnxTensor] => {
          const own = name.slice('in.'.length);
          return [own, { shape, dtype: own === 'sequence_lens' ? 'int32' : 'float32', data: values }];
        }),
    );
    const attributes = config.attributes as NonNullable<OnnxNode['attributes']>;
    const outputs = await onnxRecurrent({ opType: config.op_type as string, attributes }, inputs, { backend });
    return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [`out.${name}`, data]));
  },
};
