import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const feeds = 'lib/training/feeds.ts';
const lbfgs = 'lib/training/lbfgs.ts';
const gradients = 'lib/training/record-gradients.ts';
const trainer = 'lib/training/trainer.ts';
const plateau = 'lib/optimizers/schedules/plateau.ts';
const warmUp = 'lib/optimizers/schedules/warm-up.ts';
const oneCycle = 'lib/optimizers/schedules/one-cycle.ts';
const restarts = 'lib/optimizers/schedules/cosine-restarts.ts';

/** Losses in training, learning-rate schedules, L-BFGS. */
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
  ],
};
