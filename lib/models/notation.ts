import { cells } from '../cells.ts';

/**
 * What texts call the weights of a recurrent layer, and of the dense one that reads its states. They write U·x where we write x·U:
 * their matrices are the transposes of ours.
 */
const notations = {
  /** s = f(U·x + W·s₋), o = softmax(V·s); with biases b and c as in Goodfellow et al. 2016 */
  UVW: { recurrent: { inputWeight: 'U', recurrentWeight: 'W', bias: 'b' }, dense: { weight: 'V', bias: 'c' } },
  /** h = tanh(W_h·h₋ + W_x·x + b_h), y = σ(W_y·h + b_y) */
  W_h: {
    recurrent: { inputWeight: 'W_x', recurrentWeight: 'W_h', bias: 'b_h' },
    dense: { weight: 'W_y', bias: 'b_y' },
  },
  /** a = tanh(W_aa·a₋ + W_ax·x + b_a), ŷ = σ(W_ya·a + b_y) */
  W_aa: {
    recurrent: { inputWeight: 'W_ax', recurrentWeight: 'W_aa', bias: 'b_a' },
    dense: { weight: 'W_ya', bias: 'b_y' },
  },
  /** h = tanh(W_xh·x + W_hh·h₋ + b_h), y = W_hy·h + b_y */
  W_hh: {
    recurrent: { inputWeight: 'W_xh', recurrentWeight: 'W_hh', bias: 'b_h' },
    dense: { weight: 'W_hy', bias: 'b_y' },
  },
} as const;

/** A notation, by one of its letters. */
export type Notation = keyof typeof notations;

export const notationNames = Object.keys(notations) as readonly Notation[];

/** What a text calls a parameter of a layer; '' where it has none such. */
export function letterOf(notation: Notation, layerType: string, parameter: string): string {
  const { recurrent, dense } = notations[notation];
  const letters: Readonly<Record<string, string>> =
    layerType === 'dense' ? dense : Object.hasOwn(cells, layerType) ? recurrent : {};
  return letters[parameter] ?? '';
}
