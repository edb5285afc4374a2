import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attentionCases } from './reference/cases/attention.ts';
import { ctcCases } from './reference/cases/ctc.ts';
import { embeddingCases } from './reference/cases/embedding.ts';
import { lossCases } from './reference/cases/loss.ts';
import { onnxCases } from './reference/cases/onnx.ts';
import { optimizerCases } from './reference/cases/optimizer.ts';
import { recurrentCases } from './reference/cases/recurrent.ts';
import { scheduleCases } from './reference/cases/schedule.ts';
import { seq2seqCases } from './reference/cases/seq2seq.ts';
import { trainCases } from './reference/cases/train.ts';
import type { Draft, DraftTensor } from './reference/draft.ts';

/** The golden vectors that ship with the project: `npx tsx test/golden/generate.ts` writes them to `vectors/`. */
export function generate(): Map<string, Uint8Array> {
  const drafts = [
    ...recurrentCases(),
    ...attentionCases(),
    ...ctcCases(),
    ...lossCases(),
    ...embeddingCases(),
    ...onnxCases(),
    ...optimizerCases(),
    ...scheduleCases(),
    ...seq2seqCases(),
    ...trainCases(),
  ];
  const files = new Map<string, Draft[]>();
  for (const draft of drafts) files.set(fileOf(draft), [...(files.get(fileOf(draft)) ?? []), draft]);
  return new Map([
    ['manifest.json', new TextEncoder().encode(manifest(drafts))],
    ...[...files].map(([file, members]): [string, Uint8Array] => [file, safetensors(members)]),
  ]);
}

function fileOf({ id }: Draft): string {
  return `${id.split('/')[0]}.safetensors`;
}

/** One case a line. */
function manifest(drafts: readonly Draft[]): string {
  const lines = drafts.map(draft => {
    const { id, kind, config, tensors, tolerance } = draft;
    const gradients = tolerance.grad !== undefined;
    return JSON.stringify({
      id,
      kind,
      file: fileOf(draft),
      config,
      tensors: Object.fromEntries(Object.entries(tensors).map(([name, { dtype, shape }]) => [name, [dtype, shape]])),
      gradients,
      tolerance: { float64: gradients ? { out: 1e-10, grad: 1e-9 } : { out: 1e-10 }, float32: tolerance },
    });
  });
  return `{"schema":"rnn-golden/1","count":${drafts.length},"cases":[\n${lines.join(',\n')}\n]}\n`;
}

const writers = {
  F64: { bytes: 8, write: (view: DataView, at: number, value: number) => view.setFloat64(at, value, true) },
  F32: { bytes: 4, write: (view: DataView, at: number, value: number) => view.setFloat32(at, value, true) },
  I64: { bytes: 8, write: (view: DataView, at: number, value: number) => view.setBigInt64(at, BigInt(value), true) },
} as const;

/** Tensors of eight-byte elements come first, so that each is aligned to its element size. */
function safetensors(drafts: readonly Draft[]): Uint8Array {
  const tensors = drafts
    .flatMap(({ id, tensors }) =>
      Object.entries(tensors).map(([name, tensor]): [string, DraftTensor] => [`${id}/${name}`, tensor]),
    )
    .sort(([, a], [, b]) => writers[b.dtype].bytes - writers[a.dtype].bytes);
  let end = 0;
  const header = tensors.map(([name, { dtype, shape, values }]) => {
    const start = end;
    end += values.length * writers[dtype].bytes;
    return [name, { dtype, shape, data_offsets: [start, end] }];
  });
  const json = JSON.stringify(Object.fromEntries(header));
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
  const bytes = new Uint8Array(8 + padded.length + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(padded.length), true);
  bytes.set(new TextEncoder().encode(padded), 8);
  let at = 8 + padded.length;
  for (const [, { dtype, values }] of tensors)
    for (const value of values) {
      writers[dtype].write(view, at, value);
      at += writers[dtype].bytes;
    }
  return bytes;
}

if (process.argv[1] === import.meta.filename) {
  const folder = join(import.meta.dirname, 'vectors');
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of generate()) writeFileSync(join(folder, name), bytes);
}
