import { concat } from '../ops/concat.ts';
import type { Tensor } from '../program/tensor.ts';
import type { gru } from './gru.ts';
import type { Flow, Layer, LayerContext, LayerDescription } from './layer.ts';
import type { lstm } from './lstm.ts';
import type { Parameter } from './parameter.ts';
import type { rnn } from './rnn.ts';

type Recurrent = ReturnType<typeof rnn> | ReturnType<typeof gru> | ReturnType<typeof lstm>;

/**
 * Two copies of a recurrent layer, one reading each sequence from its start, one from its own end, side by side: its output
 * has 2·size features, the forward half first. With output 'last', each direction's state after its own last step.
 */
export function bidirectional(layer: Recurrent) {
  return { type: 'bidirectional', layer } as const;
}

/** Builds one layer from its description; `layers/index.ts` supplies it. */
type Build = (description: LayerDescription, context: LayerContext) => Layer;

export class Bidirectional implements Layer {
  readonly forward: Layer;
  readonly backward: Layer;
  readonly parameters: readonly Parameter[];
  readonly output: Flow;

  constructor({ layer }: { readonly layer: Recurrent }, context: LayerContext, build: Build) {
    const { name } = context;
    this.forward = build({ ...layer, direction: 'forward' }, { ...context, name: `${name}.forward` });
    this.backward = build({ ...layer, direction: 'backward' }, { ...context, name: `${name}.backward` });
    this.parameters = [...this.forward.parameters, ...this.backward.parameters];
    this.output = { kind: this.forward.output.kind, size: this.forward.output.size + this.backward.output.size };
  }

  apply(x: Tensor): Tensor {
    return concat([this.forward.apply(x), this.backward.apply(x)]);
  }
}
