import { rangeError } from '../errors.ts';
import { Recording, type TapeEntry } from '../program/recording.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Direction } from './recurrent.ts';
import { hasRows, mapValues, replay, rows, ScanBody } from './scan-body.ts';
import { ScanGradient } from './scan-gradient.ts';

type Tensors<N extends string = string> = Readonly<Record<N, Tensor>>;

/** What a step makes: all states anew, and what it gives at its time. */
export interface Stepped<S extends string, O extends string> {
  readonly states: Tensors<S>;
  readonly outputs: Tensors<O>;
}

export interface ScanInputs<X extends string, S extends string, K extends string> {
  /** What a step reads of its own time: [tokens, ...] each, all of one layout; reals or integers. */
  readonly sequences: Tensors<X>;
  /** What goes from step to step, as it is before the first one: [batch, ...] each, in the caller's order. */
  readonly states: Tensors<S>;
  /** What every step of a sequence reads alike, such as an encoder's outputs: [batch, ...] each. */
  readonly constants?: Tensors<K>;
}

/**
 * A recurrence of your own over a ragged batch. `step` is called once, with tensors [rows, ...] of one time step, and records what
 * becomes of them; a backend does that at every step and, in training, backpropagates through time. A row is a sequence, and what
 * is computed for it must not depend on the others. Tensors from outside, weights above all, are used as they are. What depends
 * on them and on sequences alone is computed once for all steps, and so are the gradients of weights.
 *
 *   const { outputs } = scan({ sequences: { x }, states: { h } }, ({ x, h }) => {
 *     const next = tanh(add(matmul(x, W), matmul(h, R, { bias })));
 *     return { states: { h: next }, outputs: { y: next } };
 *   });
 *
 * Past its length a sequence keeps its states. `direction: 'backward'` reads each sequence from its own end.
 * @returns outputs [tokens, ...], and states after each sequence's last step, [batch, ...] in the caller's order
 * @throws ERR_SHAPE, ERR_ARGUMENT
 */
export function scan<X extends string, S extends string, O extends string, K extends string = never>(
  { sequences, states, constants = {} as Tensors<K> }: ScanInputs<X, S, K>,
  step: (values: Tensors<X | S | K>) => Stepped<S, O>,
  { direction = 'forward' as Direction } = {},
): Stepped<S, O> {
  const { recording: parent, layout } = layoutOf(sequences);
  for (const [name, { shape }] of Object.entries<Tensor>({ ...states, ...constants }))
    if (shape[0] !== layout.batch)
      throw rangeError('ERR_SHAPE', `scan: ${name} has shape ${describeShape(shape)}, expected [${layout.batch}, ...]`);

  const written = new Recording(parent.mode, { parent, quantize: parent.quantize });
  const given: Tensors = { ...sequences, ...states, ...constants };
  const names = Object.keys(sequences).length + Object.keys(states).length + Object.keys(constants).length;
  if (Object.keys(given).length < names)
    throw rangeError('ERR_ARGUMENT', 'scan: sequences, states and constants must have names of their own');
  const local = mapValues(given, ({ shape, dtype }, name) => written.feed(name, [rows, ...shape.slice(1)], dtype));
  const made = step(local as Tensors<X | S | K>);
  const stateNames = Object.keys(states) as S[];
  check(made, stateNames, local, written);

  // Around the scan: what needs no state.
  const around = new Map<Tensor, Tensor>([...written.captured].map(([outer, inner]) => [inner, outer]));
  for (const [name, tensor] of Object.entries<Tensor>(sequences)) around.set(local[name]!, tensor);
  const rest: TapeEntry[] = [];
  for (const entry of written.tape)
    if (Object.values(entry.inputs).every(input => around.has(input)))
      replay(entry, parent, layout.tokens, input => around.get(input)!, around);
    else rest.push(entry);

  // Inside: the rest.
  const body = new ScanBody(parent, layout, direction);
  const inner = new Map<Tensor, Tensor>();
  for (const name of stateNames) inner.set(local[name]!, body.state(states[name]));
  for (const [name, tensor] of Object.entries<Tensor>(constants)) inner.set(local[name]!, body.constant(tensor));
  const inside = (tensor: Tensor): Tensor => {
    const known = inner.get(tensor);
    if (known) return known;
    const outer = around.get(tensor)!;
    return hasRows(tensor) ? body.sequence(outer) : outer;
  };
  for (const entry of rest) replay(entry, body.recording, rows, inside, inner);
  for (const name of stateNames) body.carry(inner.get(local[name]!)!, inside(made.states[name]));
  const places = mapValues<Tensor, Tensor | number>(
    made.outputs,
    tensor => around.get(tensor) ?? body.output(inside(tensor)),
  );
  const recorded = body.record(parent.mode === 'train' ? whole => new ScanGradient(whole) : undefined);
  return {
    states: Object.fromEntries(stateNames.map((name, index) => [name, recorded.states[index]!])) as Tensors<S>,
    outputs: mapValues(places, place => (typeof place === 'number' ? recorded.outputs[place]! : place)) as Tensors<O>,
  };
}

function layoutOf(sequences: Tensors) {
  const [first] = Object.values(sequences);
  if (!first) throw rangeError('ERR_ARGUMENT', 'scan: there is no sequence to go along');
  const { recording, layout } = first;
  for (const [name, { shape }] of Object.entries(sequences))
    if (!layout || shape[0] !== layout.tokens)
      throw rangeError(
        'ERR_SHAPE',
        `scan: ${name} has shape ${describeShape(shape)}, expected [${layout?.tokens ?? 'tokens'}, ...], a sequence`,
      );
  return { recording, layout: layout! };
}

/** @throws ERR_SHAPE, ERR_ARGUMENT unless the step gives every state as it was, and keeps its rows apart */
function check(made: Stepped<string, string>, states: readonly string[], local: Tensors, written: Recording): void {
  for (const name of states) {
    const [state, next] = [local[name]!, made.states[name]];
    if (!next || next.recording !== written)
      throw rangeError('ERR_ARGUMENT', `scan: the step must give the state ${name}, made of what it was given`);
    if (!sameShape(next.shape, state.shape) || next.dtype !== state.dtype)
      throw rangeError(
        'ERR_SHAPE',
        `scan: the step makes ${next.dtype} ${describeShape(next.shape)} of the state ${name}, which is ${state.dtype} ${describeShape(state.shape)}`,
      );
  }
  for (const [name, output] of Object.entries(made.outputs))
    if (output.recording !== written || !hasRows(output))
      throw rangeError(
        'ERR_SHAPE',
        `scan: the output ${name} has shape ${describeShape(output.shape)}, expected [rows, ...], made of what the step was given`,
      );
  for (const { operation, inputs, outputs } of written.tape)
    if (Object.values(inputs).some(hasRows) && !Object.values(outputs).every(hasRows))
      throw rangeError(
        'ERR_ARGUMENT',
        `scan: ${operation.name} mixes the rows of a step, which are sequences of their own`,
      );
  const known = new Set<Tensor>([...Object.values(local), ...written.captured.values()]);
  for (const { outputs } of written.tape) for (const tensor of Object.values(outputs)) known.add(tensor);
  for (const { operation, inputs } of written.tape)
    for (const input of Object.values(inputs))
      if (!known.has(input))
        throw rangeError(
          'ERR_ARGUMENT',
          `scan: ${operation.name} reads what a step does not have; use it around the scan`,
        );
}
