import { expect } from 'chai';
import type { Feeds, RealArray, Results } from '../../lib/backend/backend.ts';
import { type CellName, cellNames, cells } from '../../lib/cells.ts';
import { batchOf } from '../../lib/data/batches.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { diagnose } from '../../lib/diagnosis/diagnose.ts';
import { OpenRecording } from '../../lib/diagnosis/open-recording.ts';
import { dense, gru, js, lstm, type Model, meanSquaredError, rnn, sequential } from '../../lib/index.ts';
import { fill } from '../../lib/ops/fill.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { Recording } from '../../lib/program/recording.ts';
import { bindInputs, bindLoss, recordLoss } from '../../lib/training/feeds.ts';
import { Numbers } from '../backend/conformance/numbers.ts';

const layerOf = { rnn, gru, lstm };
const [inputSize, size] = [3, 4];
const lengths = [5, 0, 3];
const tokens = 8;
const loss = meanSquaredError();

/** Every option of a layer, one at a time. */
const options: Readonly<Record<CellName, readonly object[]>> = {
  rnn: [...shared(), { activation: 'relu' }, { activation: { name: 'scaledTanh', alpha: 0.7 } }],
  gru: [
    ...shared(),
    { reset: 'before' },
    { updateGate: 'write' },
    { activations: { r: 'hardSigmoid', z: 'softplus', n: { name: 'elu', alpha: 0.5 } } },
  ],
  lstm: [
    ...shared(),
    { zoneout: { h: 0.3, c: 0.2 } },
    { activations: { i: 'softplus', g: { name: 'scaledTanh', alpha: 0.7 }, c: 'softsign' } },
    { peepholes: true },
    { peepholes: ['o', 'f'] },
    { coupled: 'f' },
    { coupled: 'i' },
    { cellClip: 0.4 },
    { projection: 2 },
    { projection: { size: 6, clip: 0.4 } },
    { layerNorm: 'joint' },
    { layerNorm: 'perGate' },
    { zoneout: { h: 0.3, c: 0.2 }, peepholes: true, coupled: 'f', projection: 2, layerNorm: 'perGate' },
    { zoneout: { h: 0.3, c: 0.2 }, peepholes: true, layerNorm: 'joint', direction: 'backward' },
  ],
};

function shared(): object[] {
  return [
    {},
    { bias: false },
    { direction: 'backward' },
    { initialState: 'learned' },
    { dropout: 0.5 },
    { recurrentDropout: 0.4 },
    { weightDropout: 0.5 },
    { zoneout: 0.3 },
    { clip: 0.5 },
    { recompute: 2 },
  ];
}

/** Of a network as it predicts too, but of fused operations. */
class FusedRecording extends Recording {
  override append(...[operation, inputs, attributes, outputs]: Parameters<Recording['append']>) {
    if (operation.name === 'dropout') return { y: inputs.x! };
    if (operation.name === 'dropped') return { y: fill(this, outputs.y!.shape, attributes.rate as number) };
    return super.append(operation, inputs, attributes, outputs);
  }
}

/** The nudges of its one layer are feeds of the names `nudge.h`, `nudge.c`. */
class NudgedRecording extends OpenRecording {
  private readonly states: string[];

  constructor(cell: CellName) {
    super('train');
    this.states = [...cells[cell].states];
  }

  override append(...[operation, inputs, attributes, outputs]: Parameters<Recording['append']>) {
    const isNudge = operation.name === 'fill' && attributes.value === 0 && outputs.y!.shape[0] === 'input.tokens';
    const state = isNudge ? this.states.shift() : undefined;
    if (state) return { y: this.feed(`nudge.${state}`, outputs.y!.shape) };
    return super.append(operation, inputs, attributes, outputs);
  }
}

const backend = js({ precision: 'float64' });
const numbers = new Numbers(5);
const data = dataset({
  sequences: lengths.map(length => numbers.reals(length * inputSize)),
  size: inputSize,
  targets: lengths.map(length => numbers.reals(length)),
  per: 'token',
});

/** A model whose parameters are all drawn anew. */
function build(cell: CellName, options: object): Model {
  const layer = layerOf[cell]({ size, output: 'sequence', biases: 'two', ...options } as never);
  const model = sequential([layer, dense({ size: 1 })], { inputSize, backend });
  for (const parameter of model.parameters) parameter.write(numbers.reals(parameter.size, 0.8));
  return model;
}

function feeds(model: Model): Feeds {
  const batch = batchOf(data, Int32Array.from(lengths.keys()));
  const { sizes, values } = bindInputs(batch, model.inputs, 'float64');
  return { sizes, values: { ...values, ...bindLoss(batch, loss, model, 'float64') } };
}

function runner(model: Model, recording: Recording) {
  const executable = backend.load(recording.finish(), { parameters: model.parameters.storage });
  return (given: Feeds) => executable.runSync(given);
}

function tokenOf(values: RealArray | Int32Array, token: number, width: number): number[] {
  return [...values.subarray(token * width, (token + 1) * width)];
}

describe('OpenRecording', function () {
  this.timeout(60_000);
  after(() => backend.close());

  for (const cell of cellNames)
    for (const option of options[cell]) {
      const what = `${cell} ${JSON.stringify(option)}`;

      it(`${what}: has the loss of the network as it predicts, and the gradients of fused operations`, async () => {
        const model = build(cell, option);
        const [fused, opened] = [new FusedRecording('train'), new OpenRecording('train')].map(recording => {
          const { loss: value } = recordLoss(recording, model, loss);
          const all = [...model.parameters];
          const found = gradients(
            value,
            all.map(parameter => parameter.tensor(recording)),
          );
          all.forEach(({ name }, index) => void recording.result(`∂${name}`, found[index]!));
          return runner(model, recording)(feeds(model));
        });
        expect(Object.keys(opened!)).to.have.members(Object.keys(fused!));
        for (const [name, values] of Object.entries(fused!))
          values.forEach((value, at) => {
            expect(opened![name]![at], `${name}[${at}]`).to.be.closeTo(value, 1e-10);
          });
        expect(opened!.loss![0]).to.be.closeTo((await model.evaluate(data, { loss })).loss, 1e-12);
      });

      it(`${what}: what arrives at a state is what moving it there does to the loss`, () => {
        const model = build(cell, option);
        const recording = new NudgedRecording(cell);
        const { loss: value } = recordLoss(recording, model, loss);
        const [layer] = recording.layers;
        const names = Object.keys(layer!.states);
        expect(recording.layers).to.have.length(1);
        expect(layer).to.include({ name: cell, cell });
        expect(Object.keys(layer!.gates)).to.deep.equal(cells[cell].gates);
        expect(names).to.deep.equal(cells[cell].states);
        const arrived = gradients(value, Object.values(layer!.nudges));
        for (const [index, name] of names.entries()) {
          recording.result(`gradient.${name}`, arrived[index]!);
          recording.result(name, layer!.states[name]!);
        }
        const run = runner(model, recording);
        const given = feeds(model);
        const widthOf = (name: string) => layer!.states[name]!.shape[1] as number;
        const still = Object.fromEntries(
          names.map(name => [`nudge.${name}`, new Float64Array(tokens * widthOf(name))]),
        );
        const nudged = (name: string, at: number, by: number) =>
          run({
            ...given,
            values: { ...given.values, ...still, [`nudge.${name}`]: still[`nudge.${name}`]!.with(at, by) },
          });
        const base = nudged('h', 0, 0);
        const epsilon = 1e-5;
        for (const name of names)
          for (const at of still[`nudge.${name}`]!.keys()) {
            const [up, down] = [nudged(name, at, epsilon), nudged(name, at, -epsilon)];
            const slope = (up.loss![0]! - down.loss![0]!) / (2 * epsilon);
            expect(base[`gradient.${name}`]![at], `${name}[${at}]`).to.be.closeTo(slope, 1e-8);
            expect(up[name]![at]! - down[name]![at]!, `${name}[${at}]`).to.be.closeTo(2 * epsilon, 1e-14);
            const h = (results: Results) => tokenOf(results.h!, Math.floor(at / widthOf(name)), widthOf('h'));
            expect(h(up), 'h is made of the new c').not.to.deep.equal(h(down));
          }
      });
    }

  it('knows activations by gates: what is saturated of each is at the ends of its own', async () => {
    const saturated = async (option: object, bias: readonly number[]) => {
      const model = sequential([lstm({ size: 1, ...option } as never), dense({ size: 1 })], { inputSize, backend });
      for (const parameter of model.parameters) parameter.write(new Float64Array(parameter.size));
      model.parameter('lstm.bias')!.write(bias);
      const rows = dataset({ sequences: [new Float64Array(2 * inputSize)], size: inputSize, targets: [1] });
      return (await diagnose(model, rows, { loss })).layers[0]!.gates;
    };
    const functions = {
      ...{ i: 'identity', f: 'softplus', g: { name: 'scaledTanh', alpha: 0.1 }, o: { name: 'elu', alpha: 0.5 } },
      c: 'relu',
    };
    expect(await saturated({ activations: functions }, [-9, -9, -9, -9])).to.deep.equal({
      i: { low: 0, high: 0 },
      f: { low: 1, high: 0 },
      g: { low: 1, high: 0 },
      o: { low: 1, high: 0 },
    });
    const others = { i: { name: 'thresholdedRelu', alpha: 2 }, f: 'leakyRelu', g: 'softsign', o: 'hardSigmoid' };
    expect(await saturated({ activations: others }, [1, -9, 99, 9])).to.deep.equal({
      i: { low: 1, high: 0 },
      f: { low: 0, high: 0 },
      g: { low: 0, high: 1 },
      o: { low: 0, high: 1 },
    });
    const { i, f } = await saturated({ coupled: 'f', activations: { i: 'relu' } }, [-9, 0, 0]);
    expect({ i, f }).to.deep.equal({ i: { low: 1, high: 0 }, f: { low: 0, high: 1 } });
  });
});
