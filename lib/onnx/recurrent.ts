import type { Backend, NumberArray, RealArray } from '../backend/backend.ts';
import { arrayOf } from '../backend/feeds.ts';
import { defaultBackend } from '../backend/index.ts';
import { cells } from '../cells.ts';
import { type PackedLayout, packPadded, padTimeMajor } from '../data/ragged.ts';
import { gateOrders } from '../formats/gate-order.ts';
import type { CellOptions } from '../ops/cell-options.ts';
import { gru } from '../ops/gru.ts';
import { lstm } from '../ops/lstm.ts';
import type { Direction, RecurrentInputs, RecurrentOutputs } from '../ops/recurrent.ts';
import { rnn } from '../ops/rnn.ts';
import type { Program } from '../program/program.ts';
import { record } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import type { OnnxNode, OnnxTensor } from './node.ts';
import { type RecurrentNode, readRecurrent } from './read-recurrent.ts';

/**
 * Runs one RNN, GRU or LSTM of ONNX (opsets 14 and 22) with all of its attributes.
 *
 *   const { Y, Y_h } = await onnxRecurrent({ opType: 'GRU', attributes: { hidden_size: 5 } }, { X, W, R });
 *
 * Alpha and beta of activations are taken, in order, by those that have them; names of activations in any case. Numbers are those
 * of the backend's precision, whatever the types of the tensors; outputs say the type of X.
 * @param inputs by the names that the node has for them, or the operator's own
 * @returns outputs by the node's names, those that it names; Y is 0 past a sequence's length
 * @throws ERR_ARGUMENT, ERR_SHAPE, ERR_INDEX for what ONNX forbids: unknown attributes, values and activations, shapes and types that do
 * not fit, sequence_lens outside 0…steps
 */
export async function onnxRecurrent(
  node: OnnxNode,
  inputs: Readonly<Record<string, OnnxTensor>>,
  { backend = defaultBackend() }: { readonly backend?: Backend } = {},
): Promise<Record<string, OnnxTensor>> {
  const read = readRecurrent(node, inputs);
  const { layout, rows } = packPadded(timeMajor(read), read.inputSize, read.lengths, backend.precision);
  const weights = weightsOf(read, backend);
  const results = await backend.load(programOf(read, weights), {}).run({
    sizes: { batch: read.batch, 'X.steps': layout.steps, 'X.tokens': layout.tokens },
    values: {
      X: rows,
      'X.offsets': layout.offsets,
      'X.order': layout.order,
      ...Object.fromEntries(Object.entries(weights).map(([name, { values }]) => [name, values])),
    },
  });
  return outputsOf(read, layout, results as Readonly<Record<string, RealArray>>);
}

type Weights = Readonly<Record<string, { readonly shape: readonly (number | string)[]; readonly values: NumberArray }>>;

/** What each direction reads beside X, in this library's layout and order of gates; names are those of the cell's inputs. */
function weightsOf(
  { cell, directions, hiddenSize: H, inputSize: I, batch, batchFirst, inputForget, tensors }: RecurrentNode,
  { precision }: Backend,
): Weights {
  const order: readonly string[] = gateOrders.onnx[cell];
  const kept = (gate: string) => !(inputForget && gate === 'f');
  const gates = cells[cell].gates.filter(kept);
  const G = order.length;
  const weights: Record<string, { shape: readonly (number | string)[]; values: NumberArray }> = {};
  const add = (name: string, shape: readonly (number | string)[], values: Float64Array) => {
    const own = new (arrayOf('real', precision))(values.length);
    own.set(values);
    weights[name] = { shape, values: own };
  };
  for (const [d, direction] of directions.entries()) {
    /** [D, G·H, columns] → [columns, gates·H] */
    const matrix = (own: string, name: string, columns: number) => {
      const { data } = tensors[own]!;
      const width = gates.length * H;
      const values = Float64Array.from({ length: columns * width }, (_, at) => {
        const [column, unit] = [Math.floor(at / width), at % width];
        const row = (d * G + order.indexOf(gates[Math.floor(unit / H)]!)) * H + (unit % H);
        return data[row * columns + column]!;
      });
      add(`${direction}.${name}`, [columns, width], values);
    };
    /** `parts` numbers of H for each gate, of a row of `of`. */
    const vectors = (own: string, name: string, of: number, parts: readonly number[], shape: readonly number[]) => {
      const { data } = tensors[own]!;
      const values = parts.flatMap(part => Array.from({ length: H }, (_, k) => data[(d * of + part) * H + k]!));
      add(`${direction}.${name}`, shape, Float64Array.from(values));
    };
    const state = (own: string, name: string) => {
      const { data } = tensors[own]!;
      const D = directions.length;
      const values = Float64Array.from({ length: batch * H }, (_, at) => {
        const b = Math.floor(at / H);
        return data[(batchFirst ? b * D + d : d * batch + b) * H + (at % H)]!;
      });
      add(`${direction}.${name}`, ['batch', H], values);
    };
    matrix('W', 'inputWeight', I);
    matrix('R', 'recurrentWeight', H);
    if (tensors.B) {
      const own = gates.map(gate => order.indexOf(gate));
      vectors('B', 'bias', 2 * G, own, [gates.length * H]);
      vectors(
        'B',
        'recurrentBias',
        2 * G,
        own.map(part => G + part),
        [gates.length * H],
      );
    }
    if (tensors.P) {
      const seeing = peepholesOf(inputForget);
      vectors(
        'P',
        'peepholes',
        3,
        seeing.map(gate => order.indexOf(gate)),
        [seeing.length, H],
      );
    }
    if (tensors.initial_h) state('initial_h', 'h');
    if (tensors.initial_c) state('initial_c', 'c');
  }
  return weights;
}

/** The gates that see the cell state: of ONNX's P [3·H], which has them in the order i o f. */
function peepholesOf(inputForget: boolean): ('i' | 'f' | 'o')[] {
  return inputForget ? ['i', 'o'] : ['i', 'f', 'o'];
}

function programOf(read: RecurrentNode, weights: Weights): Program {
  return record(recording => {
    const { tokens } = recording.layout('X');
    const x = recording.feed('X', [tokens, read.inputSize]);
    const outputs: Record<string, Tensor> = {};
    for (const [d, direction] of read.directions.entries()) {
      const own = Object.entries(weights).filter(([name]) => name.startsWith(`${direction}.`));
      const inputs = Object.fromEntries(
        own.map(([name, { shape }]) => [name.slice(direction.length + 1), recording.feed(name, shape)]),
      );
      const { y, hN, cN } = cellOf(read, direction, { x, ...inputs } as RecurrentInputs, read.activations?.[d]);
      Object.assign(outputs, { [`Y.${d}`]: y, [`Y_h.${d}`]: hN, ...(cN ? { [`Y_c.${d}`]: cN } : {}) });
    }
    return outputs;
  });
}

function cellOf(
  { cell, clip, linearBeforeReset, inputForget, tensors }: RecurrentNode,
  direction: Direction,
  inputs: RecurrentInputs,
  activations: CellOptions['activations'] = {},
): RecurrentOutputs {
  switch (cell) {
    case 'rnn':
      return rnn(inputs, { direction, clip, activation: activations.a ?? 'tanh' });
    case 'gru':
      return gru(inputs, {
        direction,
        clip,
        activations,
        reset: linearBeforeReset ? 'after' : 'before',
        updateGate: 'keep',
      });
    case 'lstm': {
      const { f, ...others } = activations;
      return lstm(inputs, {
        direction,
        clip,
        activations: inputForget ? others : activations,
        ...(inputForget ? { coupled: 'f' } : {}),
        ...(tensors.P ? { peepholes: peepholesOf(inputForget) } : {}),
      });
    }
  }
}

/** X as [steps, batch, features]. */
function timeMajor({ tensors, steps, batch, inputSize, batchFirst }: RecurrentNode): ArrayLike<number> {
  const { data } = tensors.X!;
  if (!batchFirst) return data;
  return Float64Array.from({ length: data.length }, (_, at) => {
    const [row, k] = [Math.floor(at / inputSize), at % inputSize];
    return data[((row % batch) * steps + Math.floor(row / batch)) * inputSize + k]!;
  });
}

function outputsOf(
  { directions: { length: D }, steps: T, batch: B, hiddenSize: H, batchFirst, tensors, outputs }: RecurrentNode,
  layout: PackedLayout,
  results: Readonly<Record<string, RealArray>>,
): Record<string, OnnxTensor> {
  const dtype = tensors.X!.dtype;
  return Object.fromEntries(
    outputs.map(({ own, name }): [string, OnnxTensor] => {
      // States are as Y with one step.
      const steps = own === 'Y' ? T : 1;
      const data = new Float64Array(steps * D * B * H);
      for (let d = 0; d < D; d++) {
        const result = results[`${own}.${d}`]!;
        const rows = own === 'Y' ? padTimeMajor(result, H, layout) : result;
        for (let at = 0; at < rows.length; at++) {
          const [t, b, k] = [Math.floor(at / (B * H)), Math.floor(at / H) % B, at % H];
          data[(batchFirst ? (b * steps + t) * D + d : (t * D + d) * B + b) * H + k] = rows[at]!;
        }
      }
      const ofState = batchFirst ? [B, D, H] : [D, B, H];
      const ofY = batchFirst ? [B, T, D, H] : [T, D, B, H];
      return [name, { shape: own === 'Y' ? ofY : ofState, dtype, data }];
    }),
  );
}
