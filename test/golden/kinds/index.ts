import type { Kind } from '../kind.ts';
import { attention } from './attention.ts';
import { ctc } from './ctc.ts';
import { embedding } from './embedding.ts';
import { loss } from './loss.ts';
import { lrSchedule } from './lr-schedule.ts';
import { onnx } from './onnx.ts';
import { optimizer } from './optimizer.ts';
import { recurrent } from './recurrent.ts';
import { seq2seq } from './seq2seq.ts';
import { tbptt } from './tbptt.ts';
import { train } from './train.ts';

/** The kinds of cases that can be built. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    attention,
    ctc,
    embedding,
    loss,
    lr_schedule: lrSchedule,
    onnx,
    optimizer,
    recurrent,
    seq2seq,
    tbptt,
    train,
  }),
);
