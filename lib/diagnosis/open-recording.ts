import { type CellName, cellNames, cells } from '../cells.ts';
import { rangeError } from '../errors.ts';
import { fill } from '../ops/fill.ts';
import { gather } from '../ops/gather.ts';
import type { Direction } from '../ops/recurrent.ts';
import { scan } from '../ops/scan.ts';
import type { Operation } from '../program/operation.ts';
import type { Attributes } from '../program/program.ts';
import { Recording, type StorageView } from '../program/recording.ts';
import type { DType, Shape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { writtenCells } from './written-cells.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** A recurrent layer, written out. Tensors are [tokens, H], by the names in cells.ts. */
export interface OpenLayer {
  /** As its weights' names begin. */
  readonly name: string;
  readonly cell: CellName;
  readonly size: number;
  readonly direction: Direction;
  readonly activation: string | undefined;
  readonly gates: Tensors;
  readonly states: Tensors;
  /** Zeros, added to the states as each step makes them: the loss's gradient by them is that by the states. */
  readonly nudges: Tensors;
}

const weightNames = ['inputWeight', 'recurrentWeight', 'bias', 'recurrentBias'] as const;
/** What is understood, masks because dropout is left out. */
const known = {
  inputs: [...weightNames, 'x', 'table', 'ids', 'offsets', 'order', 'h', 'c', 'maskX', 'maskH'],
  attributes: ['direction', 'recompute', 'ignore', 'activation', 'reset', 'updateGate'],
};

/**
 * A recording that can be differentiated, of a network as it predicts: dropout does nothing. Recurrent layers are not the fused
 * operations but recurrences written out in plain ones, so that `layers` has what happens inside of them.
 */
export class OpenRecording extends Recording {
  readonly layers: OpenLayer[] = [];
  private readonly names = new Map<Tensor, string>();

  constructor() {
    super('train');
  }

  override view(role: 'parameter' | 'gradient' | 'state', view: StorageView): Tensor {
    const tensor = super.view(role, view);
    this.names.set(tensor, view.name);
    return tensor;
  }

  override append(
    operation: Operation,
    inputs: Tensors,
    attributes: Attributes,
    outputs: Readonly<Record<string, { shape: Shape; dtype?: DType }>>,
  ): Record<string, Tensor> {
    if (operation.name === 'dropout') return { y: inputs.x! };
    const cell = cellNames.find(name => name === operation.name);
    return cell ? this.open(cell, inputs, attributes) : super.append(operation, inputs, attributes, outputs);
  }

  /** @throws ERR_ARGUMENT for a layer that does what is not written out */
  private open(cell: CellName, inputs: Tensors, attributes: Attributes): Record<string, Tensor> {
    const weights = Object.fromEntries(weightNames.map(name => [name, inputs[name]]));
    const recurrentWeight = inputs.recurrentWeight!;
    const name = (this.names.get(recurrentWeight) ?? cell).replace(/\.[^.]*$/, '');
    const strange = [
      ...Object.keys(inputs).filter(input => !known.inputs.includes(input)),
      ...Object.keys(attributes).filter(attribute => !known.attributes.includes(attribute)),
    ];
    if (strange.length > 0)
      throw rangeError(
        'ERR_ARGUMENT',
        `diagnose: cannot look into ${name}, a layer of ${cell} with ${strange.join(', ')}`,
      );

    const size = recurrentWeight.shape[0] as number;
    const x = inputs.x ?? gather(inputs.table!, inputs.ids!);
    const stateNames: readonly string[] = cells[cell].states;
    const all = <T>(make: (state: string) => T) => Object.fromEntries(stateNames.map(state => [state, make(state)]));
    const nudges = all(() => fill(this, [x.shape[0]!, size], 0));
    const direction = attributes.direction as Direction;
    const initial = all(state => inputs[state] ?? fill(this, [inputs.order!.shape[0]!, size], 0));
    const sequences = { x, ...prefixed('nudge.', nudges) };
    const { states, outputs } = scan(
      { sequences, states: prefixed('state.', initial) },
      (given: Tensors) => {
        const made = writtenCells[cell](
          {
            x: given.x!,
            weights,
            states: all(state => given[`state.${state}`]!),
            nudges: all(state => given[`nudge.${state}`]!),
          },
          attributes,
        );
        return {
          states: prefixed('state.', made.states),
          outputs: { ...prefixed('state.', made.states), ...prefixed('gate.', made.gates) },
        };
      },
      { direction },
    );
    const gates = Object.fromEntries(cells[cell].gates.map(gate => [gate, outputs[`gate.${gate}`]!]));
    this.layers.push({
      ...{ name, cell, size, direction, gates, nudges },
      activation: attributes.activation as string | undefined,
      states: all(state => outputs[`state.${state}`]!),
    });
    return { y: outputs['state.h']!, hN: states['state.h']!, ...(states['state.c'] ? { cN: states['state.c'] } : {}) };
  }
}

function prefixed(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
}
