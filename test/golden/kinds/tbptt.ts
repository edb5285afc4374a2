import type { Kind } from '../kind.ts';
import { stackOptions } from '../stack.ts';
import type { Stored } from '../tensors.ts';
import { recurrent } from './recurrent.ts';

const sequences = ['in.x', 'up.y', 'out.y', 'grad.in.x'];
/** The states that a window starts from, and where the window before left them. */
const carried = Object.entries({ 'in.h0': 'out.h_n', 'in.c0': 'out.c_n' });

/** Backpropagation truncated to windows: the state goes from window to window, its gradient does not. */
export const tbptt: Kind = {
  buildable: { ...stackOptions, batch_first: [], direction: ['forward'], lengths: [], window: 'any' },

  async compute(goldenCase, backend) {
    const { config, tensors } = goldenCase;
    const steps = tensors.get('in.x')!.shape[0]!;
    const window = config.window as number;
    const computed: Record<string, Float64Array> = {};
    for (let start = 0; start < steps; start += window) {
      const part = new Map(tensors);
      for (const [initial, last] of carried)
        if (computed[last]) part.set(initial, { shape: tensors.get(last)!.shape, values: computed[last] });
      for (const name of sequences) part.set(name, between(part.get(name)!, start, Math.min(start + window, steps)));
      const results = await recurrent.compute({ ...goldenCase, tensors: part }, backend);
      for (const [name, values] of Object.entries(results)) {
        const before = computed[name];
        const now = Float64Array.from(values);
        if (sequences.includes(name)) computed[name] = Float64Array.from([...(before ?? []), ...now]);
        else if (name.startsWith('grad.param.')) computed[name] = now.map((value, at) => value + (before?.[at] ?? 0));
        else if (!(name.startsWith('grad.in.') && before)) computed[name] = now;
      }
    }
    return computed;
  },
};

/** Steps [start, stop) of [steps, …]. */
function between({ shape, values }: Stored, start: number, stop: number): Stored {
  const size = values.length / shape[0]!;
  return { shape: [stop - start, ...shape.slice(1)], values: values.subarray(start * size, stop * size) };
}
