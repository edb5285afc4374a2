import { gradients } from '../../lib/ops/gradients.ts';
import { type LstmScanAttributes, type LstmScanInputs, lstmScan } from '../../lib/ops/lstm-scan.ts';
import type { Direction, RecurrentInputs, RecurrentOutputs } from '../../lib/ops/recurrent.ts';
import type { Shape } from '../../lib/program/shape.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { type Build, type Given, reals } from './evaluate.ts';

export const lengths = [3, 0, 5, 1];
const sizes: Readonly<Record<string, number>> = {
  'input.tokens': lengths.reduce((total, length) => total + length, 0),
  batch: lengths.length,
};
export const [I, H, R] = [3, 4, 2];

/** Values of their own for every name. */
export function drawn(name: string, shape: Shape, middle = 0): Given {
  const count = shape.reduce<number>((product, extent) => product * (sizes[extent] ?? Number(extent)), 1);
  const seed = [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 65521;
  return {
    ...reals(
      shape,
      new Numbers(seed).reals(count).map(value => middle + value),
    ),
    shape,
  };
}
export const all = (shapes: Readonly<Record<string, Shape>>, middle = 0) =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawn(name, shape, middle)]));

export const plain = (gates: number, output = H) =>
  all({
    x: ['input.tokens', I],
    inputWeight: [I, gates * H],
    recurrentWeight: [output, gates * H],
    bias: [gates * H],
    recurrentBias: [gates * H],
    h: ['batch', output],
    c: ['batch', H],
  });

export const built =
  (cell: (inputs: RecurrentInputs) => RecurrentOutputs): Build =>
  ({ table, ids, ...inputs }, recording) => {
    recording.layout('input');
    const x = table ? { table, ids: ids!, ignore: -1 } : inputs.x!;
    const { y, hN, cN } = cell({ ...(inputs as unknown as RecurrentInputs), x });
    return { y, hN, ...(cN ? { cN } : {}) };
  };

interface Option {
  readonly attributes: Partial<LstmScanAttributes>;
  /** Beside those of a plain cell, for a number of gates and a width of h. */
  readonly inputs?: (gates: number, output: number) => Readonly<Record<string, Given>>;
}

const affine = (name: string, ...shape: readonly number[]) => ({
  [`${name}.gain`]: drawn(`${name}.gain`, shape, 1),
  [`${name}.shift`]: drawn(`${name}.shift`, shape),
});
const norms = ['inputNorm', 'recurrentNorm', 'gateNorm', 'cellNorm'] as const;

export const options: Readonly<Record<string, Option>> = {
  activations: { attributes: { activations: { o: 'softplus', g: { name: 'scaledTanh', alpha: 0.7 }, c: 'softsign' } } },
  clip: { attributes: { clip: 0.6 } },
  cellClip: { attributes: { cellClip: 0.4 } },
  zoneout: { attributes: { zoneoutH: 0.3, zoneoutC: 0.2 } },
  'zoneout given': {
    attributes: {},
    inputs: (_, output) => all({ zoneH: ['input.tokens', output], zoneC: ['input.tokens', H] }),
  },
  peepholes: { attributes: { peepholes: ['o'] }, inputs: () => all({ peepholes: [1, H] }) },
  'all peepholes': { attributes: { peepholes: ['i', 'f', 'o'] }, inputs: () => all({ peepholes: [3, H] }) },
  'f = 1 − i': { attributes: { coupled: 'f' } },
  'i = 1 − f': { attributes: { coupled: 'i' } },
  projection: { attributes: {}, inputs: () => all({ projection: [H, R] }) },
  'a clipped projection': { attributes: { projectionClip: 0.2 }, inputs: () => all({ projection: [H, R] }) },
  "layerNorm 'joint'": {
    attributes: { layerNorm: 'joint', epsilon: 1e-3 },
    inputs: gates => ({
      ...affine('inputNorm', gates * H),
      ...affine('recurrentNorm', gates * H),
      ...affine('cellNorm', H),
    }),
  },
  "layerNorm 'perGate'": {
    attributes: { layerNorm: 'perGate', epsilon: 1e-3 },
    inputs: gates => ({ ...affine('gateNorm', gates, H), ...affine('cellNorm', H) }),
  },
  masks: {
    attributes: {},
    inputs: (gates, output) => all({ maskX: ['batch', I], maskH: ['batch', gates * output] }, 1),
  },
};

/** A cell with some options together; undefined where they exclude each other. */
export function combined(direction: Direction, ...some: readonly Option[]) {
  const attributes = Object.assign({ direction }, ...some.map(option => option.attributes)) as LstmScanAttributes;
  const clashes = some.flatMap(option => Object.keys(option.attributes));
  const { coupled, peepholes, activations = {} } = attributes;
  if (coupled && (peepholes?.includes(coupled) || coupled in activations)) return undefined;
  if (new Set(clashes).size < clashes.length) return undefined;
  const gates = attributes.coupled ? 3 : 4;
  const projected = some.some(option => option.inputs?.(gates, H).projection);
  const output = projected ? R : H;
  const inputs: Readonly<Record<string, Given>> = Object.assign(
    plain(gates, output),
    ...some.map(option => option.inputs?.(gates, output) ?? {}),
  );
  const build: Build = (tensors, recording) => {
    const normed = norms.map(
      name => [name, { gain: tensors[`${name}.gain`], shift: tensors[`${name}.shift`] }] as const,
    );
    const given = Object.fromEntries(normed.filter(([, { gain }]) => gain));
    return built(one => lstmScan({ ...(one as LstmScanInputs), ...given }, attributes))(tensors, recording);
  };
  return { inputs, build };
}

/** Outputs, and gradients by everything but masks where each output arrives as its own gradient. */
export const differentiated =
  (build: Build): Build =>
  (inputs, recording) => {
    const outputs = build(inputs, recording);
    const real = Object.entries(inputs).filter(([name]) => !/^(ids|mask|zone)/.test(name));
    const found = gradients(
      Object.values(outputs).map(of => ({ of, gradient: of })),
      real.map(([, tensor]) => tensor),
    );
    return { ...outputs, ...Object.fromEntries(real.map(([name], index) => [`d${name}`, found[index]!])) };
  };
