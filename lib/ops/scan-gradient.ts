import type { GradientContext } from '../program/operation.ts';
import type { Attributes } from '../program/program.ts';
import type { TapeEntry } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import { add } from './add.ts';
import { fill } from './fill.ts';
import { gradients } from './gradients.ts';
import { opposite } from './recurrent.ts';
import { type Differentiation, hasRows, replay, rows, ScanBody } from './scan-body.ts';

type Context = GradientContext<Record<string, Tensor>, string, Attributes>;

/**
 * Backpropagation through a scan: a scan the other way, whose states are the gradients of states. It is derived while the scan
 * is recorded, since that has to keep what it reads: inputs, earlier states, values in between, as outputs of their own.
 * What sums over the rows of a step, gradients of weights above all, is computed once over the rows of all steps instead.
 */
export class ScanGradient implements Differentiation {
  private readonly body: ScanBody;
  /** Gradients that arrive at outputs and states of a step. */
  private readonly arriving: { readonly outputs: readonly Tensor[]; readonly states: readonly Tensor[] };
  /** What is differentiated by, and the gradient of each; none where the step does not depend on it. */
  private readonly found = new Map<Tensor, Tensor>();
  private readonly entries: readonly TapeEntry[];
  /** Outputs of the scan that are kept values: their numbers. */
  private readonly kept = new Map<Tensor, number>();

  constructor(body: ScanBody) {
    this.body = body;
    const { recording, sequences, states, constants, outputs } = body;
    const feed = (name: string, { shape }: Tensor) => recording.feed(name, shape);
    const real = ({ dtype }: Tensor) => dtype === 'real';
    this.arriving = {
      outputs: outputs.map((tensor, index) => feed(`dy:${index}`, tensor)),
      states: states.map(({ inner }, index) => feed(`ds:${index}`, inner)),
    };
    const upstream = [
      ...outputs.map((of, index) => ({ of, gradient: this.arriving.outputs[index]! })),
      ...states.map(({ next }, index) => ({ of: next, gradient: this.arriving.states[index]! })),
    ].filter(({ of }) => real(of));
    const wanted = [
      ...[...sequences, ...states, ...constants].map(({ inner }) => inner),
      ...recording.captured.values(),
    ].filter(real);
    const before = recording.tape.length;
    const given = upstream.length > 0 ? gradients(upstream, wanted) : [];
    const made = new Map(
      recording.tape
        .slice(before)
        .flatMap(entry => Object.values(entry.outputs).map(tensor => [tensor, entry] as const)),
    );
    given.forEach((gradient, index) => {
      if (made.get(gradient)?.operation.name !== 'fill') this.found.set(wanted[index]!, gradient);
    });
    this.entries = needed(this.found.values(), made, recording.tape.slice(before));
    for (const tensor of [...this.entries.flatMap(({ inputs }) => Object.values(inputs)), ...this.found.values()])
      if (!made.has(tensor) && !this.isAround(tensor)) this.kept.set(tensor, body.output(tensor));
  }

  /** Whether a tensor of the body need not be kept: it is there around the scan. */
  private isAround(tensor: Tensor): boolean {
    const { recording, sequences, constants } = this.body;
    return (
      [...sequences, ...constants].some(({ inner }) => inner === tensor) ||
      [...recording.captured.values()].includes(tensor) ||
      this.arriving.outputs.includes(tensor) ||
      this.arriving.states.includes(tensor)
    );
  }

  record({ inputs, outputs, gradients: arrived, wants }: Context): Record<string, Tensor> {
    const { recording, parent, layout, direction, sequences, states, constants } = this.body;
    const back = new ScanBody(parent, layout, opposite(direction));
    const outerOf = new Map<Tensor, Tensor>([
      ...[...recording.captured].map(([outer, inner]) => [inner, outer] as const),
      ...sequences.map(({ outer, inner }) => [inner, outer] as const),
      ...[...this.kept].map(([tensor, index]) => [tensor, outputs[`y:${index}`]!] as const),
    ]);
    const zeros = (name: string) => fill(parent, outputs[name]!.shape, 0);
    for (const [index, tensor] of this.arriving.outputs.entries())
      outerOf.set(tensor, arrived[`y:${index}`] ?? zeros(`y:${index}`));

    const inner = new Map<Tensor, Tensor>();
    for (const { outer, inner: constant } of constants) inner.set(constant, back.constant(outer));
    const carried = states.map(({ inner: state }, index) => {
      const gradient = back.state(arrived[`s:${index}`] ?? zeros(`s:${index}`));
      inner.set(this.arriving.states[index]!, gradient);
      return { state, gradient };
    });
    const inside = (tensor: Tensor): Tensor => {
      const known = inner.get(tensor);
      if (known) return known;
      const outer = outerOf.get(tensor)!;
      if (!hasRows(tensor)) return outer;
      const entered = back.sequence(outer);
      inner.set(tensor, entered);
      return entered;
    };

    const summing: TapeEntry[] = [];
    const summed = new Set<Tensor>();
    for (const entry of this.entries) {
      const read = Object.values(entry.inputs);
      if (Object.values(entry.outputs).every(hasRows)) replay(entry, back.recording, rows, inside, inner);
      else if (read.some(tensor => hasRows(tensor) || summed.has(tensor))) {
        summing.push(entry);
        for (const tensor of Object.values(entry.outputs)) summed.add(tensor);
      } else replay(entry, parent, layout.tokens, tensor => outerOf.get(tensor)!, outerOf);
    }

    for (const { state, gradient } of carried) {
      const next = this.found.get(state);
      back.carry(gradient, next ? inside(next) : fill(back.recording, gradient.shape, 0));
    }
    const accumulated = constants.map(({ outer, inner: constant }, index) => {
      const gradient = this.found.get(constant);
      if (!gradient || !wants(`k:${index}`)) return undefined;
      const sum = back.state(fill(parent, outer.shape, 0));
      back.carry(sum, add(sum, inside(gradient)));
      return back.states.length - 1;
    });
    const exported = new Map<Tensor, number>();
    const exportOf = (tensor: Tensor) => {
      if (hasRows(tensor) && !outerOf.has(tensor)) exported.set(tensor, back.output(inside(tensor)));
    };
    sequences.forEach(({ inner: sequence }, index) => {
      const gradient = this.found.get(sequence);
      if (gradient && wants(`x:${index}`)) exportOf(gradient);
    });
    for (const { inputs: read } of summing) Object.values(read).forEach(exportOf);
    const made = back.record();

    for (const [tensor, index] of exported) outerOf.set(tensor, made.outputs[index]!);
    for (const entry of summing) replay(entry, parent, layout.tokens, tensor => outerOf.get(tensor)!, outerOf);
    const result: Record<string, Tensor> = {};
    sequences.forEach(({ inner: sequence }, index) => {
      const gradient = this.found.get(sequence);
      if (gradient && wants(`x:${index}`)) result[`x:${index}`] = outerOf.get(gradient)!;
    });
    states.forEach((_, index) => {
      if (wants(`s:${index}`)) result[`s:${index}`] = made.states[index]!;
    });
    accumulated.forEach((state, index) => {
      if (state !== undefined) result[`k:${index}`] = made.states[state]!;
    });
    [...recording.captured.values()].forEach((captured, index) => {
      const gradient = this.found.get(captured);
      if (gradient && wants(`c:${index}`)) result[`c:${index}`] = outerOf.get(gradient)!;
    });
    return Object.fromEntries(Object.entries(result).filter(([name]) => inputs[name] !== undefined));
  }
}

/** The entries that these tensors depend on, in their order. */
function needed(
  tensors: Iterable<Tensor>,
  made: ReadonlyMap<Tensor, TapeEntry>,
  entries: readonly TapeEntry[],
): TapeEntry[] {
  const found = new Set<TapeEntry>();
  const visit = (tensor: Tensor): void => {
    const entry = made.get(tensor);
    if (!entry || found.has(entry)) return;
    found.add(entry);
    Object.values(entry.inputs).forEach(visit);
  };
  for (const tensor of tensors) visit(tensor);
  return entries.filter(entry => found.has(entry));
}
