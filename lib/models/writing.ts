import { rangeError } from '../errors.ts';
import type { Flow } from '../layers/layer.ts';
import type { Network } from './network.ts';

/** How a network goes on with a sequence that it writes itself, step by step. */
export interface Writing {
  /** The input that is written: ids, along which the network gives its output. */
  readonly input: string;
  /** Sizes of the states that go from step to step, by `layer.state`. */
  readonly states: ReadonlyMap<string, number>;
  /** What layers along the written input read of the others, the same at every step: memories, and what states start from. */
  readonly given: ReadonlyMap<string, Flow>;
}

/** @throws ERR_ARGUMENT where the network's output is not one per id of an input, or a step depends on later ones */
export function writingOf({ inputs, nodes, flows, output }: Network): Writing {
  const { kind, layout: input = '' } = output;
  if (kind !== 'sequence' || inputs[input]?.kind !== 'ids')
    throw rangeError(
      'ERR_ARGUMENT',
      'generate: the model must give one output per id of an input, which says what comes after it',
    );
  const written = new Set([input]);
  const states = new Map<string, number>();
  const given = new Map<string, Flow>();
  for (const { name, from, reads, beside, built } of nodes) {
    if (![...from, ...beside].some(source => written.has(source))) continue;
    for (const flow of [name, ...Object.keys(built.parts ?? {}).map(part => `${name}.${part}`)]) written.add(flow);
    if (reads.input.layout !== input) continue; // a summary of all steps, such as another output of the model
    const late = beside.find(source => written.has(source));
    if (!built.cuttable || late !== undefined)
      throw rangeError(
        'ERR_ARGUMENT',
        `generate: ${name} reads ${late ?? input} as a whole, and cannot go on step by step while it is written`,
      );
    for (const source of beside) given.set(source, flows.get(source)!);
    for (const [state, { size }] of Object.entries(built.states ?? {})) states.set(`${name}.${state}`, size);
  }
  return { input, states, given };
}
