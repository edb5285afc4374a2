import type { Activation } from '../../../lib/activations.ts';
import { type CellName, cells } from '../../../lib/cells.ts';
import type { LstmCellOptions } from '../../../lib/ops/cell-options.ts';

/** An option of a cell with values under which it does something to states of the order of 1. */
export interface OptionCase {
  readonly name: string;
  readonly options: LstmCellOptions;
  /** Zoneout is given per unit and step. */
  readonly zoned?: boolean;
}

/** Where one gate of a cell takes it, each has another function. */
const anyActivations: readonly Activation[] = [
  'softsign',
  { name: 'hardSigmoid', alpha: 0.3 },
  { name: 'scaledTanh', alpha: 1.2, beta: 0.7 },
  { name: 'elu', alpha: 0.5 },
  { name: 'leakyRelu', alpha: -0.3 },
];
const otherActivations: readonly Activation[] = [
  { name: 'affine', alpha: 0.4, beta: 0.3 },
  'softplus',
  { name: 'thresholdedRelu', alpha: -0.2 },
  { name: 'hardSigmoid', alpha: 1 / 6 },
  'relu',
];

/** Every option of a cell by itself. */
export function optionsOf(cell: CellName): readonly OptionCase[] {
  const functions = [...cells[cell].gates, ...(cell === 'lstm' ? ['c'] : [])];
  const activations = (of: readonly Activation[]) =>
    Object.fromEntries(functions.map((gate, index) => [gate, of[index % of.length]!]));
  const shared: OptionCase[] = [
    { name: 'activations', options: { activations: activations(anyActivations) } },
    { name: 'other activations', options: { activations: activations(otherActivations) } },
    { name: 'clip', options: { clip: 0.6 } },
    { name: 'zoneout', options: { zoneoutH: 0.3, ...(cell === 'lstm' ? { zoneoutC: 0.2 } : {}) } },
    { name: 'zoneout masks', options: {}, zoned: true },
  ];
  if (cell !== 'lstm') return shared;
  return [
    ...shared,
    { name: 'an activation of c', options: { activations: { c: 'softsign' } } },
    { name: 'all peepholes', options: { peepholes: ['i', 'f', 'o'] } },
    { name: 'a peephole of i', options: { peepholes: ['i'] } },
    { name: 'peepholes of o and f', options: { peepholes: ['o', 'f'] } },
    { name: 'f coupled', options: { coupled: 'f' } },
    { name: 'i coupled', options: { coupled: 'i' } },
    { name: 'cell clip', options: { cellClip: 0.4 } },
  ];
}

/** Cases with several options at once that take every kernel of the cells with options. */
export function mixedOptions(cell: CellName): readonly Omit<OptionCase, 'name'>[] {
  const [first] = optionsOf(cell);
  const { o, ...activations } = first!.options.activations!;
  const shared = [
    { options: { activations, clip: 1.5 } },
    { options: { zoneoutH: 0.3 } },
    { options: { activations }, zoned: true },
  ];
  if (cell !== 'lstm') return shared;
  const { i: _, ...withoutInput } = activations;
  return [
    { options: { activations, clip: 1.5, peepholes: ['f', 'o'] }, zoned: true },
    { options: { activations: withoutInput, coupled: 'i', zoneoutC: 0.2, cellClip: 0.9 } },
    { options: { coupled: 'f', peepholes: ['i', 'o'], zoneoutH: 0.3, cellClip: 0.9 } },
    { options: { zoneoutH: 0.1 } },
  ];
}

/** Each option by itself, and each pair that makes sense together. */
export function optionPairs(cell: CellName): OptionCase[] {
  const single = optionsOf(cell);
  const pairs = single.flatMap((a, index) => single.slice(index + 1).flatMap(b => together(a, b)));
  return [...single, ...pairs];
}

function together(a: OptionCase, b: OptionCase): OptionCase[] {
  const shared = Object.keys(a.options).some(name => name in b.options);
  if (shared || (a.zoned && b.name === 'zoneout') || (b.zoned && a.name === 'zoneout')) return [];
  const { coupled, peepholes, activations, ...others } = { ...a.options, ...b.options };
  const { [coupled ?? '']: _, ...kept } = activations ?? {};
  if (peepholes?.every(gate => gate === coupled)) return [];
  return [
    {
      name: `${a.name} and ${b.name}`,
      options: {
        ...others,
        ...(coupled ? { coupled } : {}),
        ...(activations ? { activations: kept } : {}),
        ...(peepholes ? { peepholes: peepholes.filter(gate => gate !== coupled) } : {}),
      },
      zoned: a.zoned || b.zoned || false,
    },
  ];
}
