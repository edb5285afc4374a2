import { expect } from 'chai';
import { native } from '../../../lib/backend/native-backend.ts';
import { add } from '../../../lib/ops/add.ts';
import { scan } from '../../../lib/ops/scan.ts';
import { tanh } from '../../../lib/ops/tanh.ts';
import { Program, type ProgramData } from '../../../lib/program/program.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor, Trial } from '../../backend/conformance/trial.ts';
import { codeOf } from '../../code-of.ts';
import { decoder, decoderInputs, differentiated, lengths, twins, weights, written } from '../../ops/scans.ts';
import { describeEverywhere } from '../ops/everywhere.ts';

describeEverywhere('scans of the native backend', everywhere => {
  for (const [what, build, inputs] of [
    ['an lstm written by hand', written('forward'), weights],
    ['an lstm written by hand, backward', written('backward'), weights],
    ['two states that begin as one tensor', twins, { x: decoderInputs.x, h: decoderInputs.h }],
    ['a decoder with a memory', decoder, decoderInputs],
  ] as const)
    it(`${what}: agrees with js, forward and in its gradients, and has the same bits everywhere`, () => {
      const program = differentiated(build, inputs);
      for (const some of [lengths, [0, 0, 2, 0, 0], [9, 9, 9, 1, 1]])
        everywhere().compare(program, batchFor(program, new Numbers(4), { lengths: some, below: { ids: 5 } }), 1e-5);
    });

  it('refuses bodies that are wider than what is around them, though their steps fit each other', () => {
    const program = record(recording => {
      const { tokens, batch } = recording.layout('input');
      const x = recording.feed('x', [tokens, 4]);
      const h = recording.feed('h', [batch, 4]);
      const { states } = scan({ sequences: { x }, states: { h } }, step => ({
        states: { h: tanh(add(step.x, step.h)) },
        outputs: {},
      }));
      return { h: states.h };
    });
    const batch = batchFor(program, new Numbers(1), { lengths });
    const wider = structuredClone({ ...program }) as ProgramData;
    const body = wider.steps.find(({ op }) => op === 'scan')!.attributes.body as ProgramData;
    for (const buffer of body.buffers) Object.assign(buffer, { shape: ['rows', 5] });
    const backend = native();
    expect(codeOf(() => new Trial(backend, program).runSync(batch))).to.equal(undefined);
    expect(codeOf(() => new Trial(backend, new Program(wider)).runSync(batch))).to.equal('ERR_SHAPE');
  });

  it('refuses bodies that do not fit what is around them', () => {
    const program = differentiated(written('forward'), weights);
    const at = program.steps.findIndex(({ op }) => op === 'scan');
    const spoilt = (spoil: (body: { -readonly [K in keyof ProgramData]: ProgramData[K] }, step: never) => void) => {
      const data = structuredClone({ ...program }) as ProgramData;
      spoil(data.steps[at]!.attributes.body as never, data.steps[at] as never);
      return new Program(data);
    };
    const refused: Readonly<Record<string, Program>> = {
      'a buffer of another width': spoilt(body => {
        const buffer = body.buffers.find(({ name }) => name === 'x:0')!;
        Object.assign(buffer, { shape: ['rows', 17] });
      }),
      'no rows': spoilt(body => Object.assign(body, { sizes: body.sizes.map(name => (name === 'rows' ? 'n' : name)) })),
      'a feed that is not there': spoilt(body => {
        Object.assign(body.buffers.find(({ name }) => name === 'x:0')!, { name: 'x:9' });
      }),
      'an unknown operation': spoilt(body => Object.assign(body.steps[0]!, { op: 'nothing' })),
      'a state that is made of another one': spoilt(body => {
        Object.assign(body.buffers.find(({ name, role }) => name === 's:0' && role === 'result')!, { name: 's:1' });
      }),
      'a commit in the middle': spoilt(body => Object.assign(body, { commit: 1 })),
      'another direction': spoilt((_, step: { attributes: object }) =>
        Object.assign(step.attributes, { direction: 'sideways' }),
      ),
    };
    const backend = native();
    for (const [what, bad] of Object.entries(refused))
      expect(
        codeOf(() => new Trial(backend, bad).runSync(batchFor(program, new Numbers(1), { lengths }))),
        what,
      ).to.be.oneOf(['ERR_ARGUMENT', 'ERR_SHAPE', 'ERR_BACKEND']);
  });
});
