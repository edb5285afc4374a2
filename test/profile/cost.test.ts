import { expect } from 'chai';
import { layerEntry } from '../../bench/contenders/recurra-layer.ts';
import { operationsOf, workload } from '../../bench/workloads.ts';
import { js } from '../../lib/index.ts';
import { costOf } from '../../lib/profile/cost.ts';
import type { Attributes, BufferSpec, Step } from '../../lib/program/program.ts';
import type { Shape } from '../../lib/program/shape.ts';

const [tokens, batch, inputSize, size, rows] = [7, 3, 5, 4, 6];
const feeds = { sizes: { tokens, batch }, values: { ids: Int32Array.of(2, 0, 2, 2, 5, 0, -1) } };

/** A step over buffers of those shapes; names in `inputs` and `outputs` are buffers. */
function made(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes = {}) {
  const shapes: Readonly<Record<string, Shape>> = {
    ...{ x: ['tokens', inputSize], table: [rows, inputSize], ids: ['tokens'] },
    ...{ y: ['tokens', size], dy: ['tokens', size], hN: ['batch', size] },
    ...{ a: ['tokens', inputSize], b: [inputSize, size], bᵀ: [size, inputSize], scalar: [] },
    ...{ lstmW: [inputSize, 4 * size], lstmR: [size, 4 * size], gruW: [inputSize, 3 * size], gruR: [size, 3 * size] },
  };
  const names = Object.keys(shapes);
  const buffers = names.map((name): BufferSpec => {
    const int = name === 'ids';
    return { name, role: int ? 'feed' : 'scratch', dtype: int ? 'int32' : 'real', shape: shapes[name]! };
  });
  /** `as=buffer`, or the name of both. */
  const bound = (list: readonly string[]) =>
    Object.fromEntries(list.map(text => text.split('=')).map(([as, name = as]) => [as!, names.indexOf(name!)]));
  const step: Step = { op, attributes, inputs: bound(inputs), outputs: bound(outputs) };
  return { step, program: { buffers } };
}

function flops(...step: Parameters<typeof made>) {
  const { step: one, program } = made(...step);
  return costOf(one, program, feeds).flops;
}

function bytes(...step: Parameters<typeof made>) {
  const { step: one, program } = made(...step);
  return costOf(one, program, feeds).bytes;
}

describe('what an operation costs', () => {
  const product = 2 * tokens * inputSize * size;

  it('is 2·m·k·n for a product, whichever side is transposed', () => {
    const plain = { transposeA: false, transposeB: false };
    expect(flops('matmul', ['a', 'b'], ['y'], plain)).to.equal(product);
    expect(flops('matmul', ['a', 'b=bᵀ'], ['y'], { ...plain, transposeB: true })).to.equal(product);
    expect(flops('matmul', ['a', 'b=dy'], ['y=b'], { ...plain, transposeA: true })).to.equal(product);
  });

  it('is 2·tokens·G·H·(I + H) for a cell', () => {
    const forward = (gates: number) => 2 * tokens * gates * size * (inputSize + size);
    const inputs = (cell: string) => ['x', `inputWeight=${cell}W`, `recurrentWeight=${cell}R`];
    expect(flops('lstm', inputs('lstm'), ['y', 'hN'])).to.equal(forward(4));
    expect(flops('gru', inputs('gru'), ['y', 'hN'])).to.equal(forward(3));
  });

  it('counts rows of a table once each, and those that are ignored not at all', () => {
    const inputs = ['table', 'ids', 'inputWeight=lstmW', 'recurrentWeight=lstmR'];
    const distinct = 3; // 0, 2, 5
    expect(flops('lstm', inputs, ['y', 'hN'], { ignore: -1 })).to.equal(
      2 * 4 * size * (distinct * inputSize + tokens * size),
    );
  });

  it('is twice as much backward, less what nobody wants', () => {
    const inputs = ['x', 'inputWeight=lstmW', 'recurrentWeight=lstmR', 'y', 'dy'];
    const onX = 2 * 4 * size * tokens * inputSize;
    const onH = 2 * 4 * size * tokens * size;
    const backward = (...gradients: string[]) => flops('lstmGradient', inputs, ['inputWeight=lstmW'], { gradients });
    const again = { gradients: ['inputWeight', 'recurrentWeight'], recompute: true };
    expect(flops('lstmGradient', inputs, ['inputWeight=lstmW'], again)).to.equal(2 * onX + 3 * onH);
    expect(backward('x', 'inputWeight', 'recurrentWeight', 'bias')).to.equal(2 * (onX + onH));
    expect(backward('inputWeight', 'recurrentWeight', 'bias')).to.equal(onX + 2 * onH);
    expect(backward('x', 'bias')).to.equal(onX + onH);

    const looked = ['table', 'ids', ...inputs.slice(1)];
    const attributes = { gradients: ['table', 'inputWeight', 'recurrentWeight'], ignore: -1 };
    const onRows = 2 * 4 * size * 3 * inputSize;
    expect(flops('lstmGradient', looked, ['table'], attributes)).to.equal(2 * (onRows + onH));
  });

  it('is no products for the others, but the bytes that they read once and write', () => {
    expect(flops('add', ['a=y', 'b=dy'], ['y'])).to.equal(undefined);
    expect(bytes('add', ['a=y', 'b=dy'], ['y=x'])).to.equal(4 * (2 * tokens * size + tokens * inputSize));
    expect(bytes('add', ['a=y', 'b=y'], ['y=x'])).to.equal(4 * (tokens * size + tokens * inputSize));
    expect(bytes('sum', ['x=y'], ['y=scalar'])).to.equal(4 * (tokens * size + 1));
  });

  it('counts twice what is updated in place', () => {
    expect(bytes('add', ['a=y', 'b=dy'], ['y'])).to.equal(4 * 3 * tokens * size);
  });

  it('counts of a table no more than is read of it', () => {
    const read = tokens * inputSize;
    expect(read).to.be.above(rows * inputSize);
    expect(bytes('gather', ['table', 'ids'], ['y=x'])).to.equal(4 * (rows * inputSize + tokens + read));
    expect(bytes('stepAt', ['x=y'], ['y=hN'])).to.equal(4 * 2 * batch * size);
  });

  it('is for the operations of a layer together what the layer cannot do without', async () => {
    const backend = js();
    for (const name of ['W4-LSTM-2x3x5x7', 'W4F-GRU-2x3x5x7', 'W4-RNN-2x3x5x7', 'W4R-LSTM-4x8x5x7-uniform']) {
      const layer = workload(name)!;
      const { executable, feeds } = layerEntry(layer, backend);
      const { program } = executable;
      const total = program.steps.reduce((sum, step) => sum + (costOf(step, program, feeds).flops ?? 0), 0);
      expect(total, name).to.equal(operationsOf(layer));
    }
    await backend.close();
  });
});
