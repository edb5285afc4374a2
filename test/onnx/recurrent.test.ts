import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import type { OnnxNode, OnnxTensor } from '../../lib/onnx/node.ts';
import { onnxRecurrent } from '../../lib/onnx/recurrent.ts';
import { elementCount } from '../../lib/program/shape.ts';
import { Numbers } from '../backend/conformance/numbers.ts';

type Attributes = NonNullable<OnnxNode['attributes']>;
type Tensors = Readonly<Record<string, OnnxTensor>>;

const [T, N, I, H] = [4, 3, 2, 5];

function drawn(shape: readonly number[], seed: number): OnnxTensor {
  return { shape, dtype: 'float32', data: new Numbers(seed).reals(elementCount(shape)) };
}
const integers = (...data: number[]): OnnxTensor => ({ shape: [data.length], dtype: 'int32', data });

const gates = { RNN: 1, GRU: 3, LSTM: 4 } as const;
/** All that an operator can read. */
function tensors(op: keyof typeof gates, D = 1): Tensors {
  const G = gates[op];
  return {
    X: drawn([T, N, I], 1),
    W: drawn([D, G * H, I], 2),
    R: drawn([D, G * H, H], 3),
    B: drawn([D, 2 * G * H], 4),
    sequence_lens: integers(4, 0, 3),
    initial_h: drawn([D, N, H], 5),
    ...(op === 'LSTM' ? { initial_c: drawn([D, N, H], 6), P: drawn([D, 3 * H], 7) } : {}),
  };
}

// test/golden/vectors/onnx has what comes out; here is what goes in, and what must not.
describe('onnxRecurrent', () => {
  const backend = js({ precision: 'float64' });
  after(() => backend.close());

  const run = (opType: string, attributes: Attributes, inputs: Tensors, names: Partial<OnnxNode> = {}) =>
    onnxRecurrent({ opType, attributes, ...names }, inputs, { backend });
  const numbers = (tensor: OnnxTensor | undefined) => Array.from(tensor!.data);

  it('has shapes for both layouts, and says the type of X', async () => {
    const given = tensors('LSTM', 2);
    const shapes = async (layout: number, inputs: Tensors) =>
      Object.fromEntries(
        Object.entries(await run('LSTM', { direction: 'bidirectional', layout }, inputs)).map(
          ([name, { shape, dtype }]) => [name, [dtype, ...shape]],
        ),
      );
    expect(await shapes(0, given)).to.deep.equal({
      Y: ['float32', T, 2, N, H],
      Y_h: ['float32', 2, N, H],
      Y_c: ['float32', 2, N, H],
    });
    const batchFirst = {
      ...given,
      X: drawn([N, T, I], 1),
      initial_h: drawn([N, 2, H], 5),
      initial_c: drawn([N, 2, H], 6),
    };
    expect(await shapes(1, batchFirst)).to.deep.equal({
      Y: ['float32', N, T, 2, H],
      Y_h: ['float32', N, 2, H],
      Y_c: ['float32', N, 2, H],
    });
  });

  it('takes tensors by the names that a node has for them, some left out, and gives those asked for', async () => {
    const { X, W, R, initial_h } = tensors('GRU');
    const expected = await run('GRU', {}, { X: X!, W: W!, R: R!, initial_h: initial_h! });
    const got = await run(
      'GRU',
      {},
      { x: X!, w: W!, r: R!, state: initial_h!, stray: X! },
      { inputs: ['x', 'w', 'r', '', '', 'state'], outputs: ['', 'last'] },
    );
    expect(Object.keys(got)).to.deep.equal(['last']);
    expect(numbers(got.last)).to.deep.equal(numbers(expected.Y_h));
  });

  it('means by an activation that is given what it means where it is usual', async () => {
    for (const [op, attributes] of [
      ['RNN', { activations: ['TANH'] }],
      ['RNN', { activations: ['Tanh', 'Tanh'] }],
      ['GRU', { activations: ['sigmoid', 'Tanh'], linear_before_reset: 1 }],
      ['LSTM', { activations: ['Sigmoid', 'tanh', 'Tanh'], activation_alpha: [3] }],
      ['LSTM', { activations: [], clip: 1e6 }],
    ] as const) {
      const { P: _, ...given } = tensors(op);
      const { activations, clip, ...others }: Attributes = attributes;
      const expected = await run(op, { ...others }, given);
      const got = await run(op, { ...others, activations: activations!, ...(clip ? { clip } : {}) }, given);
      numbers(expected.Y).forEach((value, k) => {
        expect(numbers(got.Y)[k], `${op} Y[${k}]`).to.be.closeTo(value, 1e-14);
      });
    }
  });

  it('runs batches of nothing', async () => {
    const { W, R } = tensors('RNN');
    const none = async (X: OnnxTensor) => {
      const { Y, Y_h } = await run('RNN', {}, { X, W: W!, R: R! });
      return [Y!.shape, numbers(Y_h)];
    };
    expect(await none(drawn([0, 2, I], 1))).to.deep.equal([[0, 1, 2, H], new Array(2 * H).fill(0)]);
    expect(await none(drawn([T, 0, I], 1))).to.deep.equal([[T, 1, 0, H], []]);
  });

  describe('refuses', () => {
    const refuse = (
      what: string,
      code: string,
      message: RegExp,
      {
        op = 'LSTM',
        attributes = {},
        change = {},
        names = {},
      }: {
        op?: string;
        attributes?: Attributes;
        change?: Readonly<Record<string, OnnxTensor | undefined>>;
        names?: Partial<OnnxNode>;
      },
    ) => {
      it(what, async () => {
        const all = { ...tensors(Object.hasOwn(gates, op) ? (op as keyof typeof gates) : 'RNN'), ...change };
        const given = Object.fromEntries(Object.entries(all).filter(([, tensor]) => tensor)) as Tensors;
        const error = await run(op, attributes, given, names).then(
          () => new Error('it ran'),
          reason => reason,
        );
        expect(error.message).to.match(message);
        expect(error.code).to.equal(code);
      });
    };

    refuse('an operator that is none', 'ERR_ARGUMENT', /no recurrent operator Conv; there are RNN, GRU, LSTM/, {
      op: 'Conv',
    });
    refuse('an attribute that there is none of', 'ERR_ARGUMENT', /LSTM: there is no attribute linear_before_reset/, {
      attributes: { linear_before_reset: 1 },
    });
    const wrong: Readonly<Record<string, readonly [unknown, RegExp]>> = {
      direction: ['sideways', /direction must be one of forward, reverse, bidirectional, got "sideways"/],
      layout: [2, /layout must be 0 or 1, got 2/],
      hidden_size: [0, /hidden_size must be a whole number of at least 1/],
      clip: [-1, /clip must be a positive number, got -1/],
      input_forget: [0.5, /input_forget must be 0 or 1/],
      activation_alpha: ['0.1', /activation_alpha must be a list of finite numbers/],
      activation_beta: [[Number.NaN], /activation_beta must be a list of finite numbers/],
    };
    for (const [name, [value, message]] of Object.entries(wrong))
      refuse(`a value of ${name}`, 'ERR_ARGUMENT', message, { attributes: { [name]: value } as Attributes });
    refuse('an unknown activation', 'ERR_ARGUMENT', /there is no activation Gelu; there are affine/, {
      attributes: { activations: ['Gelu', 'Tanh', 'Tanh'] },
    });
    refuse('an activation that is something else of objects', 'ERR_ARGUMENT', /there is no activation constructor;/, {
      attributes: { activations: ['constructor', 'Tanh', 'Tanh'] },
    });
    refuse('too few activations', 'ERR_ARGUMENT', /activations must be 3 names, 3 for each direction/, {
      attributes: { activations: ['Sigmoid', 'Tanh'] },
    });
    refuse('activations of two directions for one', 'ERR_ARGUMENT', /activations must be 1 names/, {
      op: 'RNN',
      attributes: { activations: ['Relu', 'Tanh'] },
    });
    refuse('a missing weight', 'ERR_ARGUMENT', /LSTM: R must be given/, { change: { R: undefined } });
    refuse('a tensor that it does not read', 'ERR_ARGUMENT', /GRU: reads X, W.* got P/, {
      op: 'GRU',
      change: { P: drawn([1, 3 * H], 1) },
    });
    refuse('a name of no tensor', 'ERR_ARGUMENT', /the tensor weights, its W, is missing/, {
      names: { inputs: ['X', 'weights', 'R'] },
    });
    refuse('a name that is something else of objects', 'ERR_ARGUMENT', /the tensor valueOf, its W, is missing/, {
      names: { inputs: ['X', 'valueOf', 'R'] },
    });
    refuse('more outputs than there are', 'ERR_ARGUMENT', /RNN: makes Y, Y_h, asked for 3/, {
      op: 'RNN',
      names: { outputs: ['a', 'b', 'c'] },
    });
    refuse('lengths that are no int32', 'ERR_ARGUMENT', /sequence_lens is int64, expected int32/, {
      change: { sequence_lens: { ...integers(4, 0, 3), dtype: 'int64' as 'int32' } },
    });
    refuse('lengths for another batch', 'ERR_SHAPE', /sequence_lens has shape \[2\], expected \[3\]/, {
      change: { sequence_lens: integers(4, 1) },
    });
    for (const length of [-1, T + 1, 1.5])
      refuse(`a length of ${length}`, 'ERR_INDEX', /sequence_lens\[1\] is .*, expected 0…4/, {
        change: { sequence_lens: integers(4, length, 3) },
      });
    refuse('an X that is no batch of sequences', 'ERR_SHAPE', /X has shape \[4, 6\], expected 3 axes/, {
      change: { X: drawn([T, N * I], 1) },
    });
    refuse('weights of two types', 'ERR_ARGUMENT', /W is float64 and X is float32/, {
      change: { W: { ...drawn([1, 4 * H, I], 2), dtype: 'float64' } },
    });
    refuse('a hidden_size that R does not have', 'ERR_SHAPE', /W has shape \[1, 20, 2\], expected \[1, 16, 2\]/, {
      attributes: { hidden_size: 4 },
    });
    refuse('weights of one direction for two', 'ERR_SHAPE', /W has shape .* for 2 directions/, {
      attributes: { direction: 'bidirectional' },
    });
    refuse('a state in the other layout', 'ERR_SHAPE', /initial_h has shape \[3, 1, 5\], expected \[1, 3, 5\]/, {
      change: { initial_h: drawn([N, 1, H], 5) },
    });
    refuse('more or fewer numbers than a shape has', 'ERR_SHAPE', /P has 4 elements for the shape \[1, 15\]/, {
      change: { P: { shape: [1, 3 * H], dtype: 'float32', data: [1, 2, 3, 4] } },
    });
  });
});
