import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const candidate = 'lib/training/candidate.ts';
const genetic = 'lib/training/genetic-algorithm.ts';
const strategy = 'lib/training/evolution-strategy.ts';
const feeds = 'lib/training/feeds.ts';
const lbfgs = 'lib/training/lbfgs.ts';
const gradients = 'lib/training/record-gradients.ts';
const trainer = 'lib/training/trainer.ts';
const plateau = 'lib/optimizers/schedules/plateau.ts';
const warmUp = 'lib/optimizers/schedules/warm-up.ts';
const oneCycle = 'lib/optimizers/schedules/one-cycle.ts';
const restarts = 'lib/optimizers/schedules/cosine-restarts.ts';

/** Losses in training, learning-rate schedules, L-BFGS, evolution. */
export const training: Suite = {
  name: 'training',
  native: false,
  tests: [...testsIn('test/optimizers'), ...testsIn('test/losses'), ...testsIn('test/training')],
  mutations: [
    {
      name: 'training: a sum is reported as it is',
      file: feeds,
      find: "loss.reduction === 'sum' ? weight * answersPerRow(loss, model) : 1",
      replace: '1',
    },
    {
      name: 'carry: each batch begins anew',
      file: 'lib/training/carry.ts',
      find: 'acrossBatches ? (this.ends.at(-1) ?? this.start) : undefined',
      replace: 'undefined',
    },
    {
      name: 'carry: a batch goes on from the oldest window that is kept',
      file: 'lib/training/carry.ts',
      find: 'this.ends.at(-1) ?? this.start',
      replace: 'this.ends[0] ?? this.start',
    },
    {
      name: 'carry: learned initial states come in at every batch',
      file: 'lib/training/carry.ts',
      find: 'RealArray.of(from ? 0 : 1)',
      replace: 'RealArray.of(1)',
    },
    {
      name: 'carry: batches without an end count as its end',
      file: 'lib/training/carry.ts',
      find: '(this.ends.at(-1) ?? this.start)',
      replace: 'this.ends.at(-1)',
    },
    {
      name: 'weights: what is ignored counts by its weight',
      file: feeds,
      find: 'values[row * size] === ignore ? 0 : (weights?.[row] ?? 1)',
      replace: 'weights?.[row] ?? 1',
    },
    {
      name: 'weights: what stands at weight 0 is read',
      file: feeds,
      find: 'if (weights[Math.floor(at / size)] === 0) return none;',
      replace: '',
    },
    {
      name: 'weights: rows of weight 0 count for the accuracy',
      file: feeds,
      find: 'count + Number(weight > 0)',
      replace: 'count + 1',
    },
    {
      name: 'weights: the mean is over rows, not over what they weigh',
      file: 'lib/losses/weighted.ts',
      find: 'const count = scale(total, perRow[0] ?? 1);',
      replace: 'const count = scale(sum(positive(weights)), perRow[0] ?? 1);',
    },
    {
      name: 'weights: classes weigh the same in the total',
      file: 'lib/losses/cross-entropy.ts',
      find: 'multiply(rowWeights, weightOf(targets, [...weights, 0]))',
      replace: 'rowWeights',
    },
    {
      name: 'weights: rows go, their weights stay',
      file: 'lib/data/dataset.ts',
      find: 'selectFixed({ size: 1, values: weights }, rows).values',
      replace: 'weights.subarray(0, rows.length)',
    },
    {
      name: 'weights: a window has those of the first',
      file: 'lib/data/windows.ts',
      find: 'weights.subarray(from, to)',
      replace: 'weights.subarray(0, to - from)',
    },
    {
      name: 'training: ignored rows count for the accuracy',
      file: feeds,
      find: 'if (target === ignore) ignored++;',
      replace: '',
    },
    {
      name: 'training: the norm that is reported is the clipped one',
      file: gradients,
      find: 'globalNorm((limit === undefined ? kept : arrived).flat())',
      replace: 'globalNorm(kept.flat())',
    },
    {
      name: 'training: a rate that was set is forgotten',
      file: trainer,
      find: 'this.givenRate ?? rateAt(',
      replace: 'rateAt(',
    },
    {
      name: 'schedules: a plateau counts while it cools down',
      file: plateau,
      find: 'cooling--; bad = 0;',
      replace: 'cooling--;',
    },
    {
      name: 'schedules: a plateau takes any improvement for one',
      file: plateau,
      find: 'sign * best * (1 - sign * threshold)',
      replace: 'sign * best',
    },
    {
      name: 'schedules: what comes after a warm-up has missed its start',
      file: warmUp,
      find: '{ steps: t - steps, epochs }',
      replace: '{ steps: t, epochs }',
    },
    {
      name: 'schedules: one cycle has its peak a step late',
      file: oneCycle,
      find: 'rise * steps - 1',
      replace: 'rise * steps',
    },
    {
      name: 'schedules: restarts come after equal times',
      file: restarts,
      find: 'steps *= growth',
      replace: 'steps *= 1',
    },
    {
      name: 'L-BFGS: the loss is evaluated where the model is',
      file: lbfgs,
      find: '{ ...own, parameters: own.trial }',
      replace: 'storages',
    },
    {
      name: 'L-BFGS: nothing is remembered',
      file: lbfgs,
      find: 'this.rho = [1 / sy![0]!, ...this.rho].slice(0, this.history);',
      replace: '',
    },
    {
      name: 'L-BFGS: the remembered steps are taken in the wrong order',
      file: lbfgs,
      find: '(newest - age + ring.length) % ring.length',
      replace: '(newest + age) % ring.length',
    },
    {
      name: 'L-BFGS: the second half of the recursion is left out',
      file: lbfgs,
      find: 'direction = add(direction, multiply(subtract(alphas[age]!, beta), s));',
      replace: 'void [beta, s];',
    },
    {
      name: 'L-BFGS: the loss may rise',
      file: lbfgs,
      find: 'if (!(there.loss![0]! <= loss + decrease * t * slope)) tooLong = t;',
      replace: 'if (false) tooLong = t;',
    },
    {
      name: 'L-BFGS: the change of the gradient is taken from the wrong place',
      file: lbfgs,
      find: "overwrite(recording, spec, 'turnedAt', gradients);",
      replace: '',
    },
    {
      name: 'evolution: candidates are measured in the model itself',
      file: candidate,
      find: '{ parameters: this.storage }',
      replace: '{ parameters: parameters.storage }',
    },
    {
      name: 'evolution: the loss is the one of inference',
      file: candidate,
      find: "new Recording('train', numbers)",
      replace: "new Recording('infer')",
    },
    {
      name: 'evolution: frozen parameters are what they were at first',
      file: candidate,
      find: 'array.set(this.parameters.array);',
      replace: '',
    },
    {
      name: 'evolution: frozen parameters are learned',
      file: candidate,
      find: '.filter(({ trainable }) => trainable)',
      replace: '',
    },
    {
      name: 'evolution: a loss that is no number is better than all others',
      file: candidate,
      find: 'Number.POSITIVE_INFINITY',
      replace: 'Number.NEGATIVE_INFINITY',
    },
    {
      name: 'evolution strategy: both candidates of a pair are the same',
      file: strategy,
      find: '[sigma, -sigma]',
      replace: '[sigma, sigma]',
    },
    {
      name: 'evolution strategy: goes uphill',
      file: strategy,
      find: 'Number(other > loss) - Number(other < loss)',
      replace: 'Number(other < loss) - Number(other > loss)',
    },
    {
      name: 'evolution strategy: every generation draws the same noise',
      file: strategy,
      find: 'streams.generations + generation',
      replace: 'streams.generations',
    },
    {
      name: 'evolution strategy: the velocity is forgotten',
      file: strategy,
      find: '    array.set(velocity);\n',
      replace: '',
    },
    {
      name: 'genetic algorithm: the elite is mutated',
      file: genetic,
      find: 'after.length < elite ?',
      replace: 'after.length < 1 ?',
    },
    {
      name: 'genetic algorithm: the population is not sorted',
      file: genetic,
      find: '(one.loss === other.loss ? 0 : one.loss - other.loss)',
      replace: '0',
    },
    {
      name: 'genetic algorithm: the generation is not kept',
      file: genetic,
      find: 'this.states.population.array.set(weights, place * candidate.size);',
      replace: 'void [weights, place];',
    },
    {
      name: 'genetic algorithm: children have one parent',
      file: genetic,
      find: 'random.uniform() < this.options.crossover',
      replace: 'random.uniform() < 0',
    },
    {
      name: 'genetic algorithm: mutation has its own mind',
      file: genetic,
      find: 'mutation * random.normal()',
      replace: 'random.normal()',
    },
    {
      name: 'genetic algorithm: the worst of a tournament wins',
      file: genetic,
      find: 'Math.min(...places)',
      replace: 'Math.max(...places)',
    },
  ],
};
