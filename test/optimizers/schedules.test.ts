import { expect } from 'chai';
import { adam } from '../../lib/optimizers/adam.ts';
import { lbfgs } from '../../lib/optimizers/lbfgs.ts';
import { cosineDecay } from '../../lib/optimizers/schedules/cosine-decay.ts';
import { cosineRestarts } from '../../lib/optimizers/schedules/cosine-restarts.ts';
import { exponentialDecay } from '../../lib/optimizers/schedules/exponential-decay.ts';
import { rateAt } from '../../lib/optimizers/schedules/index.ts';
import { milestones } from '../../lib/optimizers/schedules/milestones.ts';
import { oneCycle } from '../../lib/optimizers/schedules/one-cycle.ts';
import { plateau } from '../../lib/optimizers/schedules/plateau.ts';
import { ramp } from '../../lib/optimizers/schedules/ramp.ts';
import type { Figures, LearningRate, Schedule } from '../../lib/optimizers/schedules/schedule.ts';
import { stepDecay } from '../../lib/optimizers/schedules/step-decay.ts';
import { warmUp } from '../../lib/optimizers/schedules/warm-up.ts';

function rates(rate: LearningRate, times: readonly number[]): number[] {
  return times.map(steps => rateAt(rate, { steps, epochs: [] }));
}

function expectRates(schedule: LearningRate, expected: readonly (readonly [number, number])[]): void {
  const found = rates(
    schedule,
    expected.map(([t]) => t),
  );
  expected.forEach(([t, rate], index) => {
    expect(found[index], `t = ${t}`).to.be.closeTo(rate, 1e-15);
  });
}

describe('learning-rate schedules', () => {
  it('a number stays', () => {
    expectRates(0.1, [
      [0, 0.1],
      [1000, 0.1],
    ]);
  });

  it('stepDecay falls every so often', () => {
    expectRates(stepDecay({ rate: 1, every: 3, factor: 0.5 }), [
      [0, 1],
      [2, 1],
      [3, 0.5],
      [6, 0.25],
    ]);
    expect(rates(stepDecay({ rate: 1, every: 1 }), [1])).to.deep.equal([0.1]);
  });

  it('milestones falls at the times it is given', () => {
    expectRates(milestones({ rate: 1, at: [2, 5], factor: 0.5 }), [
      [1, 1],
      [2, 0.5],
      [4, 0.5],
      [5, 0.25],
    ]);
  });

  it('exponentialDecay falls each time', () => {
    expectRates(exponentialDecay({ rate: 2, factor: 0.9 }), [
      [0, 2],
      [3, 2 * 0.9 ** 3],
    ]);
  });

  it('ramp goes from one factor to the other and stays', () => {
    expectRates(ramp({ rate: 2, steps: 4, from: 0.5, to: 1 }), [
      [0, 1],
      [1, 1.25],
      [4, 2],
      [9, 2],
    ]);
    expectRates(ramp({ rate: 2, steps: 4 }), [
      [0, 2],
      [4, 0],
    ]);
  });

  it('cosineDecay goes down, and up again', () => {
    expectRates(cosineDecay({ rate: 1, steps: 10, minimum: 0.2 }), [
      [0, 1],
      [5, 0.6],
      [10, 0.2],
      [20, 1],
    ]);
  });

  it('cosineRestarts starts anew, after longer and longer', () => {
    const schedule = cosineRestarts({ rate: 1, steps: 4, growth: 2 });
    expectRates(schedule, [
      [0, 1],
      [2, 0.5],
      [4, 1],
      [8, 0.5],
      [12, 1],
      [20, 0.5],
    ]);
    expectRates(cosineRestarts({ rate: 1, steps: 4 }), [
      [3, (1 + Math.cos((3 * Math.PI) / 4)) / 2],
      [4, 1],
      [400_002, 0.5],
    ]);
  });

  it('oneCycle rises to the rate, falls to almost nothing and stays', () => {
    const schedule = oneCycle({ rate: 1, steps: 11, rise: 0.5454545454545454, startDivisor: 10, endDivisor: 100 });
    expectRates(schedule, [
      [0, 0.1],
      [5, 1],
      [10, 0.001],
      [99, 0.001],
    ]);
    expectRates(oneCycle({ rate: 1, steps: 10, rise: 0.3, startDivisor: 10, endDivisor: 1, shape: 'linear' }), [
      [0, 0.1],
      [1, 0.55],
      [2, 1],
      [9, 0.1],
    ]);
    expect(rates(oneCycle({ rate: 1, steps: 1 }), [0, 1])).to.deep.equal([1, 1]);
  });

  it('plateau falls when the figure it watches has not improved for a while', () => {
    const schedule = plateau({ rate: 1, factor: 0.5, patience: 1, cooldown: 2, minimum: 0.2, threshold: 0.1 });
    const rateAfter = (...losses: number[]) =>
      rateAt(schedule, { steps: 0, epochs: losses.map(valLoss => ({ valLoss })) });
    expect(rateAfter()).to.equal(1);
    expect(rateAfter(5, 5)).to.equal(1);
    expect(rateAfter(5, 4.6, 5), 'an improvement of 8 % is none').to.equal(0.5);
    expect(rateAfter(5, 4.4, 5)).to.equal(1);
    expect(rateAfter(5, 5, 5, 5, 5, 5), 'two epochs of cooldown, then one that is borne').to.equal(0.5);
    expect(rateAfter(5, 5, 5, 5, 5, 5, 5)).to.equal(0.25);
    expect(rateAfter(...new Array(40).fill(5))).to.equal(0.2);
  });

  it('plateau knows that accuracies are better when larger, and says what it lacks', () => {
    const schedule = plateau({ rate: 1, monitor: 'accuracy', patience: 0 });
    const rateAfter = (epochs: readonly Figures[]) => rateAt(schedule, { steps: 0, epochs });
    expect(rateAfter([{ accuracy: 0.5 }, { accuracy: 0.6 }])).to.equal(1);
    expect(rateAfter([{ accuracy: 0.5 }, { accuracy: 0.5 }])).to.equal(0.1);
    expect(() => rateAfter([{ loss: 1 }])).to.throw(RangeError, 'plateau: there is no accuracy to watch');
  });

  it('warmUp rises to a rate, and to where a schedule starts, which then counts from 0', () => {
    expectRates(warmUp(1, { steps: 4 }), [
      [0, 0.25],
      [3, 1],
      [4, 1],
    ]);
    expectRates(warmUp(ramp({ rate: 1, steps: 2, from: 0.5 }), { steps: 4 }), [
      [1, 0.25],
      [3, 0.5],
      [4, 0.5],
      [5, 0.25],
      [6, 0],
    ]);
    const byEpoch = warmUp(plateau({ rate: 1, patience: 0 }), { steps: 2, per: 'epoch' });
    const rateAfter = (epochs: readonly Figures[]) => rateAt(byEpoch, { steps: 100, epochs });
    expect(rateAfter([])).to.equal(0.5);
    expect(rateAfter([{ valLoss: 1 }, { valLoss: 2 }, { valLoss: 3 }])).to.equal(1);
    expect(rateAfter([{ valLoss: 1 }, { valLoss: 2 }, { valLoss: 3 }, { valLoss: 3 }])).to.equal(0.1);
  });

  it('count epochs where they are told to', () => {
    const schedule = stepDecay({ rate: 1, every: 2, factor: 0.5, per: 'epoch' });
    expect(rateAt(schedule, { steps: 1000, epochs: [{}] })).to.equal(1);
    expect(rateAt(schedule, { steps: 1000, epochs: [{}, {}] })).to.equal(0.5);
  });

  it('are plain data: an optimizer with one goes through a file', () => {
    const schedule = warmUp(oneCycle({ rate: 0.5, steps: 10 }), { steps: 2 });
    const optimizer = adam({ learningRate: schedule });
    expect(optimizer.learningRate).to.equal(0.5);
    const again = JSON.parse(JSON.stringify(optimizer)) as typeof optimizer;
    const times = [0, 1, 2, 5, 11];
    expect(rates(again.schedule!, times)).to.deep.equal(rates(schedule, times));
    expect(lbfgs({ learningRate: schedule }).schedule).to.equal(schedule);
    expect(() => rateAt({ ...schedule, schedule: 'tides' } as Schedule, { steps: 0, epochs: [] }))
      .to.throw(RangeError, 'there is no learning-rate schedule tides')
      .with.property('code', 'ERR_FORMAT');
  });

  it('refuse options outside their ranges', () => {
    const wrong: [() => unknown, string][] = [
      [() => stepDecay({ rate: 0, every: 1 }), 'stepDecay: rate must be a positive number, got 0'],
      [() => stepDecay({ rate: 1, every: 0 }), 'stepDecay: every must be a whole number of at least 1, got 0'],
      [() => stepDecay({ rate: 1, every: 1, factor: -1 }), 'stepDecay: factor must be a number of at least 0'],
      [() => stepDecay({ rate: 1, every: 1, per: 'batch' as 'step' }), "per must be 'step' or 'epoch', got batch"],
      [() => milestones({ rate: 1, at: [1, -1] }), 'milestones: at[1] must be a whole number of at least 0, got -1'],
      [() => exponentialDecay({ rate: 1, factor: Number.NaN }), 'exponentialDecay: factor must be'],
      [() => ramp({ rate: 1, steps: 0 }), 'ramp: steps must be a whole number of at least 1'],
      [() => cosineDecay({ rate: 1, steps: 1, minimum: -1 }), 'cosineDecay: minimum must be a number of at least 0'],
      [() => cosineRestarts({ rate: 1, steps: 2, growth: 0 }), 'cosineRestarts: growth must be a whole number'],
      [() => oneCycle({ rate: 1, steps: 5, rise: 1 }), 'oneCycle: rise must be in (0, 1), got 1'],
      [() => oneCycle({ rate: 1, steps: 5, startDivisor: 0 }), 'oneCycle: startDivisor must be a number of at least 1'],
      [() => oneCycle({ rate: 1, steps: 5, shape: 'cos' as 'cosine' }), "shape must be 'cosine' or 'linear', got cos"],
      [() => plateau({ rate: 1, factor: 1 }), 'plateau: factor must be in [0, 1), got 1'],
      [() => plateau({ rate: 1, patience: -1 }), 'plateau: patience must be a whole number of at least 0'],
      [() => warmUp(0, { steps: 2 }), 'warmUp: rate must be a positive number, got 0'],
      [() => warmUp(1, { steps: 0 }), 'warmUp: steps must be a whole number of at least 1'],
      [() => adam({ learningRate: 0 }), 'adam: learningRate must be a positive number, got 0'],
    ];
    for (const [build, message] of wrong)
      expect(build).to.throw(RangeError, message).with.property('code', 'ERR_ARGUMENT');
  });
});
