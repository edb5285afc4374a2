import { expect } from 'chai';
import { add } from '../../lib/ops/add.ts';
import { matmul } from '../../lib/ops/matmul.ts';
import { scale } from '../../lib/ops/scale.ts';
import { sum } from '../../lib/ops/sum.ts';
import { tanh } from '../../lib/ops/tanh.ts';
import type { Program } from '../../lib/program/program.ts';
import { Recording, record } from '../../lib/program/recording.ts';
import { quotientOf, rootOf } from '../../lib/program/shape.ts';
import { codeOf } from '../code-of.ts';

const parameters = { name: 'parameters', dtype: 'real', elements: 12 } as const;
const gradients = { name: 'gradients', dtype: 'real', elements: 12 } as const;

const ops = (program: Program) => program.steps.map(({ op }) => op);
const named = (program: Program, name: string) => program.buffers.find(buffer => buffer.name === name);

describe('record', () => {
  it('returns the steps in the order in which they were recorded', () => {
    const program = record(recording => {
      const x = recording.feed('x', [2]);
      return { y: tanh(scale(x, 2)) };
    });
    expect(ops(program)).to.deep.equal(['scale', 'tanh']);
    expect(named(program, 'y')).to.deep.include({ role: 'result', dtype: 'real', shape: [2] });
  });

  it('drops steps that nothing depends on, and the feeds only they read', () => {
    const program = record(recording => {
      tanh(recording.feed('unused', [3]));
      return { y: scale(recording.feed('x', [2]), 2) };
    });
    expect(ops(program)).to.deep.equal(['scale']);
    expect(named(program, 'unused')).to.equal(undefined);
  });

  it('copies a result that is a feed into a buffer of its own', () => {
    const program = record(recording => ({ y: recording.feed('x', [2]) }));
    expect(ops(program)).to.deep.equal(['copy']);
  });

  it('gives a tensor that is returned under two names two buffers', () => {
    const program = record(recording => {
      const y = tanh(recording.feed('x', [2]));
      return { first: y, second: y };
    });
    expect(ops(program)).to.deep.equal(['tanh', 'copy']);
    expect(program.buffers.filter(({ role }) => role === 'result').map(({ name }) => name)).to.have.members([
      'first',
      'second',
    ]);
  });

  it('lists the named sizes that a run has to supply, and no others', () => {
    const program = record(recording => {
      recording.feed('unused', ['elsewhere']);
      return { y: sum(recording.feed('x', ['rows', 3])) };
    });
    expect(program.sizes).to.deep.equal(['rows']);
  });

  it('lists the size that others follow from', () => {
    const program = record(recording => ({ y: sum(recording.feed('x', [rootOf('rows'), quotientOf('columns', 3)])) }));
    expect(program.sizes).to.deep.equal(['rows', 'columns']);
  });
});

describe('Recording.feed', () => {
  it('is the same tensor when asked for twice', () => {
    const recording = new Recording('infer');
    expect(recording.feed('x', ['batch', 2])).to.equal(recording.feed('x', ['batch', 2]));
  });

  it('refuses another shape or dtype under a known name', () => {
    const recording = new Recording('infer');
    recording.feed('x', [2]);
    expect(codeOf(() => recording.feed('x', [3]))).to.equal('ERR_SHAPE');
    expect(codeOf(() => recording.feed('x', [2], 'int32'))).to.equal('ERR_SHAPE');
  });
});

describe('Recording.layout', () => {
  it('is told by the name of the tokens axis, through any operation that keeps it', () => {
    const recording = new Recording('infer');
    const layout = recording.layout('input');
    const x = tanh(recording.feed('x', [layout.tokens, 3]));
    expect(x.layout).to.equal(layout);
    expect(recording.layout('input')).to.equal(layout);
    expect(sum(x, { axis: 0 }).layout).to.equal(undefined);
  });

  it('shares the batch between layouts', () => {
    const recording = new Recording('infer');
    expect(recording.layout('source').batch).to.equal(recording.layout('target').batch);
    expect(recording.layout('source').steps).not.to.equal(recording.layout('target').steps);
  });
});

describe('Recording.view', () => {
  const view = { storage: parameters, offset: 4, shape: [2, 4], name: 'W' } as const;

  it('is the same tensor for the same place and shape', () => {
    const recording = new Recording('infer');
    expect(recording.view('parameter', view)).to.equal(recording.view('parameter', view));
    expect(recording.view('parameter', view)).not.to.equal(recording.view('parameter', { ...view, offset: 0 }));
  });

  it('refuses one storage of two sizes', () => {
    const recording = new Recording('infer');
    recording.view('parameter', view);
    const larger = { ...view, storage: { ...parameters, elements: 13 } };
    expect(codeOf(() => recording.view('parameter', larger))).to.equal('ERR_SHAPE');
  });
});

describe('Recording.store', () => {
  const view = (offset: number) => ({ storage: gradients, offset, shape: [2], name: `d${offset}` });

  it('lets the step that computes a tensor write it into storage itself', () => {
    const program = record(recording => {
      recording.store(tanh(recording.feed('x', [2])), view(0));
      return {};
    });
    expect(ops(program)).to.deep.equal(['tanh']);
    const written = program.buffers[program.steps[0]!.outputs.y!]!;
    expect(written.storage).to.deep.equal({ name: 'gradients', offset: 0 });
  });

  it('keeps one tensor in two places, as two biases with one gradient need', () => {
    const program = record(recording => {
      const y = tanh(recording.feed('x', [2]));
      recording.store(y, view(0));
      recording.store(y, view(2));
      return {};
    });
    expect(ops(program)).to.deep.equal(['tanh', 'copy']);
    const places = program.steps.map(({ outputs }) => program.buffers[outputs.y!]!.storage?.offset);
    expect(places).to.deep.equal([0, 2]);
  });

  it('still returns a stored tensor and still feeds it to later steps', () => {
    const program = record(recording => {
      const y = tanh(recording.feed('x', [2]));
      recording.store(y, view(0));
      return { y, z: scale(y, 2) };
    });
    expect(ops(program)).to.have.members(['tanh', 'scale', 'copy']);
    const [stored] = program.steps;
    for (const step of program.steps.slice(1)) expect(Object.values(step.inputs)).to.deep.equal([stored!.outputs.y]);
  });

  it('copies a feed into storage', () => {
    const program = record(recording => {
      recording.store(recording.feed('x', [2]), view(0));
      return {};
    });
    expect(ops(program)).to.deep.equal(['copy']);
  });
});

describe('Recording.update', () => {
  it('stands past the commit point and writes the storage it reads', () => {
    const program = record(recording => {
      const p = recording.view('parameter', { storage: parameters, offset: 0, shape: [12], name: 'p' });
      recording.update('sgd', { parameters: p, gradients: recording.feed('g', [12]) }, ['parameters'], {});
      return { loss: sum(p) };
    });
    expect(ops(program)).to.deep.equal(['sum', 'sgd']);
    expect(program.commit).to.equal(1);
    expect([...program.written]).to.deep.equal(['parameters']);
    expect(program.steps[1]!.outputs.parameters).to.equal(program.steps[1]!.inputs.parameters);
  });

  it('counts only steps that are kept towards the commit point', () => {
    const program = record(recording => {
      const p = recording.view('parameter', { storage: parameters, offset: 0, shape: [12], name: 'p' });
      tanh(p);
      const g = scale(p, 2);
      recording.update('sgd', { parameters: p, gradients: g }, ['parameters'], {});
      tanh(g);
      return {};
    });
    expect(ops(program)).to.deep.equal(['scale', 'sgd']);
    expect(program.commit).to.equal(1);
  });

  it('refuses to update what is not in storage', () => {
    const recording = new Recording('train');
    const x = recording.feed('x', [2]);
    expect(codeOf(() => recording.update('sgd', { parameters: x }, ['parameters'], {}))).to.equal('ERR_ARGUMENT');
  });
});

describe('a tensor', () => {
  it('cannot be used in another recording', () => {
    const elsewhere = new Recording('infer').feed('x', [2]);
    const here = new Recording('infer').feed('x', [2]);
    expect(codeOf(() => add(here, elsewhere))).to.equal('ERR_ARGUMENT');
  });
});

describe('a shape error', () => {
  it('is thrown while recording and names the operation and both shapes', () => {
    const recording = new Recording('infer');
    const a = recording.feed('a', ['batch', 3]);
    const b = recording.feed('b', [4, 2]);
    expect(() => matmul(a, b)).to.throw(RangeError, /^matmul: .*\[batch, 3\].*\[4, 2\]/);
    expect(codeOf(() => matmul(a, b))).to.equal('ERR_SHAPE');
  });
});
