import type { RealArray } from '../backend/backend.ts';
import type { CellName } from '../cells.ts';
import { type Batch, type BatchInput, batches } from '../data/batches.ts';
import { dataset, type InputRows } from '../data/dataset.ts';
import { type PackedLayout, unpackRows } from '../data/ragged.ts';
import { rangeError } from '../errors.ts';
import { layoutOf, soleInput } from '../layers/input.ts';
import type { Direction } from '../ops/recurrent.ts';
import type { Encoder } from '../text/encoder.ts';
import { bindInputs } from '../training/feeds.ts';
import type { Trainable } from '../training/trainable.ts';
import { type OpenLayer, OpenRecording, readInside } from './open-recording.ts';

export interface TraceOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a gate or a state was at each step, in the order of time whichever way the layer reads: [length][width]. */
export type Steps = readonly RealArray[];

/** What a recurrent layer did with a row. */
export interface LayerTrace {
  /** As its weights' names begin; of a bidirectional layer there are two, `….forward` and `….backward`. */
  readonly name: string;
  readonly cell: CellName;
  readonly direction: Direction;
  /** After their activations, by their names: a of rnn, r z n of gru, i f g o of lstm. */
  readonly gates: Readonly<Record<string, Steps>>;
  /** h, what the layer gives, and c of lstm, its memory: as each step leaves them. */
  readonly states: Readonly<Record<string, Steps>>;
}

/** What happened at each step of a row. */
export interface RowTrace {
  /** What was read at each step, where the model has a tokenizer: words or characters, '[unknown]', '' for start and padding. */
  readonly tokens?: readonly string[];
  /** In the order in which they were recorded, the first reading the model's input. */
  readonly layers: readonly LayerTrace[];
}

const rowsAtOnce = 128;

/**
 * Gates and states of the layers of rnn, gru and lstm of a model, at each step of each row, as it predicts. Takes what
 * `model.predict` does: texts where the model has an encoder, or other inputs. Slower than that: layers are written out in plain
 * operations.
 * @throws ERR_ARGUMENT where there is no such layer, or no encoder for texts; ERR_DATA where the model reads other inputs
 */
export async function trace(
  model: Trainable & { readonly encoder?: Encoder | undefined },
  inputs: InputRows | readonly string[],
  { signal }: TraceOptions = {},
): Promise<RowTrace[]> {
  const data = dataset(Array.isArray(inputs) ? encoded(inputs, model.encoder) : (inputs as InputRows));
  const { backend, storage } = model.parameters;
  const recording = new OpenRecording('infer');
  model.record(recording);
  const { layers } = recording;
  if (layers.length === 0)
    throw rangeError('ERR_ARGUMENT', 'trace: the model has no layer of rnn, gru or lstm to look into');
  recording.nameInside();
  const executable = backend.load(recording.finish(), { parameters: storage });
  const rows: RowTrace[] = [];
  for (const batch of batches(data, { batchSize: rowsAtOnce })) {
    const feeds = bindInputs(batch, model.inputs, backend.precision);
    const results = await executable.run(feeds, signal ? { signal } : {});
    const layouts = layoutsOf(batch);
    const inside = layers.map((layer, index) => {
      const { layout } = Object.values(layer.states)[0]!;
      return byRows(layer, readInside(layer, index, results), layouts.get(layout!.name)!);
    });
    const words = model.encoder && wordsOf(batch.inputs[soleInput], model.encoder);
    for (let row = 0; row < batch.size; row++)
      rows.push({ ...(words ? { tokens: words[row]! } : {}), layers: inside.map(each => each[row]!) });
  }
  return rows;
}

function encoded(texts: readonly string[], encoder: Encoder | undefined): InputRows {
  if (!encoder) throw rangeError('ERR_ARGUMENT', 'trace: the model has no tokenizer; give it what it was trained on');
  return { ids: texts.map(text => encoder.encode(text)) };
}

/** By their names in programs. */
function layoutsOf({ inputs }: Batch): ReadonlyMap<string, PackedLayout> {
  const all = Object.entries(inputs).flatMap(([name, input]) =>
    input.kind === 'vector' ? [] : [[layoutOf(name), input.layout] as const],
  );
  return new Map(all);
}

/** What a layer did with a batch, row by row. */
function byRows(
  layer: OpenLayer,
  inside: Record<'gates' | 'states', Readonly<Record<string, RealArray>>>,
  layout: PackedLayout,
): LayerTrace[] {
  const { name, cell, direction } = layer;
  const rowsOf = (kind: 'gates' | 'states') =>
    Object.entries(inside[kind]).map(([each, values]) => {
      const width = layer[kind][each]!.shape[1] as number;
      return [each, unpackRows(values, width, layout).map(row => stepsOf(row, width))] as const;
    });
  const [gates, states] = [rowsOf('gates'), rowsOf('states')];
  const at = (row: number, all: typeof gates) => Object.fromEntries(all.map(([each, rows]) => [each, rows[row]!]));
  return Array.from({ length: layout.batch }, (_, row) => ({
    ...{ name, cell, direction },
    gates: at(row, gates),
    states: at(row, states),
  }));
}

/** [length, width] → views of its rows */
function stepsOf(values: RealArray, width: number): Steps {
  return Array.from({ length: values.length / width }, (_, t) => values.subarray(t * width, (t + 1) * width));
}

function wordsOf(input: BatchInput | undefined, { tokenizer }: Encoder): string[][] | undefined {
  if (input?.kind !== 'ids') return undefined;
  return unpackRows(input.values, 1, input.layout).map(ids => [...ids].map(id => tokenizer.decode([id])));
}
