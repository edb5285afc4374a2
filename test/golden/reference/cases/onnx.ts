import { Draft } from '../draft.ts';
import { type OnnxConfig, onnxReference } from '../onnx.ts';

type Attributes = OnnxConfig['attributes'];
type Optional = 'B' | 'sequence_lens' | 'initial_h' | 'initial_c' | 'P';

const rnn: readonly Optional[] = ['B', 'sequence_lens', 'initial_h'];
const lstm: readonly Optional[] = [...rnn, 'initial_c', 'P'];
const both = 'bidirectional';

export function onnxCases(): Draft[] {
  return [
    draft('rnn', 'RNN', { hidden_size: 5 }, []),
    draft('rnn_clip_both_layout', 'RNN', { hidden_size: 4, direction: both, clip: 0.5, layout: 1 }, rnn),
    draft(
      'rnn_activations',
      'RNN',
      {
        hidden_size: 3,
        direction: both,
        activations: ['LeakyRelu', 'scaledtanh'],
        activation_alpha: [0.25, 1.5],
        activation_beta: [0.5],
      },
      ['B'],
    ),
    draft('gru_reverse', 'GRU', { hidden_size: 7, direction: 'reverse' }, rnn),
    draft('gru_linear_both_clip', 'GRU', { hidden_size: 4, direction: both, linear_before_reset: 1, clip: 0.75 }, rnn),
    draft('gru_activations_layout', 'GRU', { hidden_size: 3, layout: 1, activations: ['HARDSIGMOID', 'Softsign'] }, [
      'initial_h',
    ]),
    draft('lstm_both', 'LSTM', { hidden_size: 6, direction: both }, ['B', 'sequence_lens', 'initial_c']),
    draft('lstm_peepholes_reverse_clip', 'LSTM', { hidden_size: 5, direction: 'reverse', clip: 0.5 }, lstm),
    draft(
      'lstm_input_forget_both_layout',
      'LSTM',
      { hidden_size: 4, direction: both, input_forget: 1, layout: 1 },
      lstm,
    ),
    draft(
      'lstm_activations_both',
      'LSTM',
      {
        hidden_size: 3,
        direction: both,
        activations: ['HardSigmoid', 'Elu', 'Affine', 'Sigmoid', 'ThresholdedRelu', 'Softplus'],
        activation_alpha: [0.25, 0.5, 0.75],
        activation_beta: [0.375, 0.125],
      },
      lstm,
    ),
  ];
}

function draft(
  name: string,
  op_type: OnnxConfig['op_type'],
  attributes: Attributes,
  optional: readonly Optional[],
): Draft {
  const config = { op_type, attributes };
  const draft = new Draft(`onnx/${name}`, 'onnx', config, { out: 1e-5 });
  const [T, N, I] = [5, 3, 2];
  const { hidden_size: H, direction, layout } = attributes;
  const D = direction === both ? 2 : 1;
  const G = { RNN: 1, GRU: 3, LSTM: 4 }[op_type];
  const state = layout === 1 ? [N, D, H] : [D, N, H];
  const shapes: Readonly<Record<string, readonly number[]>> = {
    X: layout === 1 ? [N, T, I] : [T, N, I],
    W: [D, G * H, I],
    R: [D, G * H, H],
    B: [D, 2 * G * H],
    initial_h: state,
    initial_c: state,
    P: [D, 3 * H],
  };
  const arrays: Record<string, number[]> = {};
  for (const [own, shape] of Object.entries(shapes))
    if (['X', 'W', 'R', ...optional].includes(own))
      arrays[own] = draft.draw(`in.${own}`, shape).map(({ value }) => value);
  if (optional.includes('sequence_lens')) arrays.sequence_lens = draft.keepIntegers('in.sequence_lens', [N], [4, 0, T]);
  const { Y, Y_h, Y_c } = onnxReference(config, arrays, { T, N, I });
  draft.expect('out.Y', layout === 1 ? [N, T, D, H] : [T, D, N, H], Y);
  draft.expect('out.Y_h', state, Y_h);
  if (op_type === 'LSTM') draft.expect('out.Y_c', state, Y_c);
  return draft;
}
