import { rangeError } from '../errors.ts';
import { additiveScores } from '../ops/additive-scores.ts';
import { batchMatmul } from '../ops/batch-matmul.ts';
import { concat } from '../ops/concat.ts';
import { matmul } from '../ops/matmul.ts';
import { padSteps } from '../ops/pad-steps.ts';
import { reshape } from '../ops/reshape.ts';
import { scale } from '../ops/scale.ts';
import { slice } from '../ops/slice.ts';
import { softmax } from '../ops/softmax.ts';
import { tanh } from '../ops/tanh.ts';
import { describeShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Random } from '../random/random.ts';
import { glorotUniform } from './initializers.ts';
import { oneOf, wholeNumbers } from './layer.ts';
import { Parameter } from './parameter.ts';

const scores = ['additive', 'concat', 'dot', 'scaledDot', 'general'] as const;

export interface AttentionOptions {
  /**
   * How a query q and a key k are compared.
   * additive: v·tanh(W·q + U·k + b), Bahdanau et al. 2015; concat: v·tanh(W·[q; k]), dot: q·k, general: q·W·k, Luong et al. 2015;
   * scaledDot: q·k/√(features of q), Vaswani et al. 2017.
   */
  readonly score: (typeof scores)[number];
  /** Units of the comparison: for 'additive' and 'concat'. */
  readonly size?: number;
  /** For 'additive'. Default true. */
  readonly bias?: boolean;
  /** Features of the attentional vector tanh(W·[context; q]), Luong et al. 2015. Default: there is none. */
  readonly output?: number;
}

/** What an attention is built with beside its options. */
export interface AttentionContext {
  /** Prefix of its parameters' names. */
  readonly name: string;
  readonly querySize: number;
  readonly keySize: number;
  readonly valueSize: number;
  /** Draws initial values. */
  readonly random: Random;
}

/** What is attended to, as `remember` prepares it: one for all queries. */
export interface Memory {
  /** Keys, or what of the comparison does not depend on the query: [batch, steps, size] */
  readonly keys: Tensor;
  /** [batch, steps, valueSize] */
  readonly values: Tensor;
  /** int32 [batch] */
  readonly lengths: Tensor | undefined;
}

/** What is attended to where sequences are of different lengths. */
export interface RaggedMemory extends Memory {
  readonly lengths: Tensor;
}

export interface Attended {
  /** [batch, queries, steps], or [batch, steps]: sums to 1, exactly 0 past a length. */
  readonly weights: Tensor;
  /** [batch, queries, valueSize], or [batch, valueSize]: the values' mean by these weights. */
  readonly context: Tensor;
}

/** Looks up values by how well their keys go with a query: softmax of the scores, then the mean of the values. */
export class Attention {
  /** [querySize, size] and [keySize, size], [size]: W, U and b of 'additive' */
  readonly queryWeight: Parameter | undefined;
  readonly keyWeight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  /** [querySize + keySize, size] of 'concat', [querySize, keySize] of 'general' */
  readonly weight: Parameter | undefined;
  /** [size] */
  readonly v: Parameter | undefined;
  /** [valueSize + querySize, output] */
  readonly outputWeight: Parameter | undefined;
  readonly parameters: readonly Parameter[];
  private readonly score: AttentionOptions['score'];
  private readonly querySize: number;

  constructor(
    { score, size, bias = true, output }: AttentionOptions,
    { name, querySize, keySize, valueSize, random }: AttentionContext,
  ) {
    oneOf(name, { score: [score, scores] });
    const matrix = (suffix: string, rows: number, columns: number, shape = [rows, columns]) =>
      new Parameter(`${name}.${suffix}`, shape, glorotUniform(rows, columns, random));
    if (score === 'additive' || score === 'concat') {
      wholeNumbers(name, { size });
      const units = size!;
      if (score === 'additive') {
        this.queryWeight = matrix('queryWeight', querySize, units);
        this.keyWeight = matrix('keyWeight', keySize, units);
        this.bias = bias ? new Parameter(`${name}.bias`, [units], new Float64Array(units)) : undefined;
      } else this.weight = matrix('weight', querySize + keySize, units);
      this.v = matrix('v', units, 1, [units]);
    } else if (score === 'general') this.weight = matrix('weight', querySize, keySize);
    else if (querySize !== keySize)
      throw rangeError(
        'ERR_SHAPE',
        `${name}: score '${score}' compares queries and keys of equal size, got ${querySize} and ${keySize}; use 'general'`,
      );
    if (output !== undefined) {
      wholeNumbers(name, { output });
      this.outputWeight = matrix('outputWeight', valueSize + querySize, output);
    }
    this.parameters = [this.queryWeight, this.keyWeight, this.bias, this.weight, this.v, this.outputWeight].filter(
      parameter => parameter !== undefined,
    );
    this.score = score;
    this.querySize = querySize;
  }

  /**
   * Prepares keys [batch, steps, keySize] and values [batch, steps, valueSize] for any number of queries.
   * @param lengths int32 [batch]: keys that count; all when left out
   */
  remember(keys: Tensor, values: Tensor, lengths?: Tensor): Memory {
    const { recording } = keys;
    if (this.score === 'additive')
      return {
        keys: matmul(keys, this.keyWeight!.tensor(recording), { bias: this.bias?.tensor(recording) }),
        values,
        lengths,
      };
    const weight = this.weight?.tensor(recording);
    if (this.score === 'concat')
      return { keys: matmul(keys, slice(weight!, { axis: 0, start: this.querySize })), values, lengths };
    return { keys: weight ? matmul(keys, weight, { transposeB: true }) : keys, values, lengths };
  }

  /** Prepares a sequence [tokens, keySize], such as the outputs of an encoder: its steps are keys and values alike. */
  rememberSequence(x: Tensor): RaggedMemory {
    const { block, lengths } = padSteps(x);
    return { ...this.remember(block, block), lengths };
  }

  /** query [batch, queries, querySize], or, one step of a decoder, [batch, querySize]. */
  attend(query: Tensor, { keys, values, lengths }: Memory): Attended {
    const [batch, ...rest] = query.shape;
    if (query.shape.length === 3) {
      const weights = softmax(this.compare(query, keys, lengths), { lengths });
      return { weights, context: batchMatmul(weights, values) };
    }
    if (query.shape.length !== 2)
      throw rangeError(
        'ERR_SHAPE',
        `attention: the query has shape ${describeShape(query.shape)}, expected [batch, queries, querySize] or [batch, querySize]`,
      );
    const { weights, context } = this.attend(reshape(query, [batch!, 1, ...rest]), { keys, values, lengths });
    return {
      weights: reshape(weights, [batch!, keys.shape[1]!]),
      context: reshape(context, [batch!, values.shape[2]!]),
    };
  }

  /** tanh(W·[context; query]), with the shape of the query but for its last axis. */
  attentional(query: Tensor, context: Tensor): Tensor {
    if (!this.outputWeight)
      throw rangeError('ERR_ARGUMENT', 'attention: has no attentional vector; give it the option output');
    return tanh(matmul(concat([context, query]), this.outputWeight.tensor(query.recording)));
  }

  /** [batch, queries, steps] */
  private compare(query: Tensor, keys: Tensor, lengths: Tensor | undefined): Tensor {
    const { recording } = query;
    if (this.v) {
      const weight =
        this.queryWeight?.tensor(recording) ??
        slice(this.weight!.tensor(recording), { axis: 0, start: 0, stop: this.querySize });
      return additiveScores(matmul(query, weight), keys, this.v.tensor(recording), { lengths });
    }
    const products = batchMatmul(query, keys, { transposeB: true });
    return this.score === 'scaledDot' ? scale(products, 1 / Math.sqrt(this.querySize)) : products;
  }
}
