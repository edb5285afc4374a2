import { expect } from 'chai';
import {
  bidirectional,
  dense,
  embedding,
  graph,
  gru,
  js,
  lstm,
  luongLstm,
  recurrentCell,
  residual,
  rnn,
  sequential,
  unrolled,
} from '../../lib/index.ts';
import { add } from '../../lib/ops/add.ts';
import { codeOf } from '../code-of.ts';

const backend = js();

/** How often each class occurs. */
function counts(svg: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [, name] of svg.matchAll(/ class="(\w+)"/g)) found[name!] = (found[name!] ?? 0) + 1;
  return found;
}

interface Box {
  readonly x: number;
  readonly y: number;
}

/** The middles of the boxes of a class, from left to right. */
function boxes(svg: string, name: string): Box[] {
  const rects = [
    ...svg.matchAll(
      new RegExp(`<rect class="${name}" x="([\\d.]+)" y="([\\d.]+)" width="(\\d+)" height="(\\d+)"`, 'g'),
    ),
  ];
  const circles = [...svg.matchAll(new RegExp(`<circle class="${name}" cx="([\\d.]+)" cy="([\\d.]+)"`, 'g'))];
  return [
    ...rects.map(([, x, y, width, height]) => ({
      x: Number(x) + Number(width) / 2,
      y: Number(y) + Number(height) / 2,
    })),
    ...circles.map(([, x, y]) => ({ x: Number(x), y: Number(y) })),
  ].sort((a, b) => a.x - b.x || a.y - b.y);
}

/** Where arrows of a class begin and end. */
function arrows(svg: string, name: string): { from: Box; to: Box }[] {
  return [
    ...svg.matchAll(
      new RegExp(`<g class="${name}"><path d="M([\\d.]+) ([\\d.]+)[^"]*"[^>]*/><path d="M([\\d.]+) ([\\d.]+)L`, 'g'),
    ),
  ].map(([, ...numbers]) => {
    const [x, y, toX, toY] = numbers.map(Number) as [number, number, number, number];
    return { from: { x, y }, to: { x: toX, y: toY } };
  });
}

/** What is written, without steps of x and y. */
const words = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]+)/g)].map(([, word]) => word);

describe('unrolled', () => {
  after(() => backend.close());

  const classifier = () =>
    sequential([embedding({ vocabulary: 9, size: 5 }), lstm({ size: 4 }), dense({ size: 1 })], { backend });
  const tagger = () =>
    sequential([rnn({ size: 6, output: 'sequence' }), gru({ size: 4, output: 'sequence' }), dense({ size: 2 })], {
      inputSize: 3,
      backend,
    });

  it('has a box for each step of a sequence, one over the last step for what there is once', () => {
    const svg = unrolled(classifier(), { steps: 4 });
    // Into each of 4 cells a state comes, and there is one more arrow at the ellipsis.
    expect(counts(svg)).to.deep.equal({ input: 4, layer: 5, cell: 4, output: 1, state: 5, read: 4 + 4 + 1 + 1 });
    expect(boxes(svg, 'output')[0]!.x).to.equal(boxes(svg, 'input').at(-1)!.x);
    expect(svg).to.contain('>T</tspan>').and.to.contain('>3</tspan>').and.not.to.contain('>4</tspan>');
  });

  it('has an output for each step where the network gives one, layers upon each other', () => {
    const svg = unrolled(tagger());
    expect(counts(svg)).to.deep.equal({ input: 3, cell: 6, layer: 3, output: 3, state: 8, read: 12 });
    const rows = [...new Set(boxes(svg, 'cell').map(({ y }) => y))];
    expect(rows).to.have.length(2);
    expect(boxes(svg, 'output')[0]!.y).to.be.below(Math.min(...rows));
    expect(boxes(svg, 'input')[0]!.y).to.be.above(Math.max(...rows));
  });

  it('names rows, what they give, and the states that go on', () => {
    const written = words(unrolled(classifier()));
    expect(written).to.include.members(['input', 'token ids', 'embedding', '5 features', 'lstm', '4 features']);
    expect(written).to.include.members(['dense', 'output', '1 feature', 'h₀, c₀', 'h, c', '…']);
  });

  it('hands states from step to step as layers read: to the left from the end', () => {
    const model = sequential([bidirectional(gru({ size: 2, output: 'sequence' })), dense({ size: 1 })], {
      inputSize: 3,
      backend,
    });
    const svg = unrolled(model);
    expect(counts(svg)).to.deep.equal({ input: 3, cell: 6, layer: 3, output: 3, state: 8, read: 15 });
    const cells = boxes(svg, 'cell');
    const rows = [...new Set(cells.map(({ y }) => y))].sort((a, b) => b - a);
    const signs = rows.map(y =>
      arrows(svg, 'state')
        .filter(({ to }) => to.y === y)
        .map(({ from, to }) => Math.sign(to.x - from.x)),
    );
    expect(signs).to.deep.equal([
      [1, 1, 1, 1],
      [-1, -1, -1, -1],
    ]);
    expect(words(svg)).to.include.members([
      'bidirectional.forward',
      'bidirectional.backward',
      '2 features, from the end',
    ]);
  });

  it('reads the end of each direction: of the backward one the first step', () => {
    const model = sequential([bidirectional(rnn({ size: 2 })), dense({ size: 1 })], { inputSize: 3, backend });
    const svg = unrolled(model);
    const [layer] = boxes(svg, 'layer');
    const into = arrows(svg, 'read').filter(({ to }) => to.y > layer!.y && to.y < layer!.y + 30);
    const cells = boxes(svg, 'cell');
    const columns = into.map(({ from }) => cells.findLast(({ x }) => x <= from.x)!.x);
    expect(columns).to.have.members([cells[0]!.x, cells.at(-1)!.x]);
    expect(into.every(({ to }) => Math.abs(to.x - layer!.x) < 34)).to.equal(true);
  });

  it('ends at the round output where both directions do', () => {
    const svg = unrolled(sequential([bidirectional(rnn({ size: 2 }))], { inputSize: 3, backend }));
    const [output] = boxes(svg, 'output');
    const into = arrows(svg, 'read').filter(({ to }) => Math.hypot(to.x - output!.x, to.y - output!.y) < 18.1);
    expect(into).to.have.length(2);
    for (const { to } of into) expect(Math.hypot(to.x - output!.x, to.y - output!.y)).to.be.closeTo(18, 0.05);
    expect(svg).not.to.contain('NaN');
  });

  it('is folded with no steps: a loop for each recurrent layer', () => {
    const svg = unrolled(tagger(), { steps: 0 });
    expect(counts(svg)).to.deep.equal({ input: 1, cell: 2, layer: 1, output: 1, state: 2, read: 4 });
    expect(svg).to.contain('>t</tspan>').and.not.to.contain('…');
  });

  it('draws graphs: several sources, parts, states that others give, layers of any names', () => {
    const model = graph(
      {
        output: { layer: lstm({ size: 2, output: 'sequence' }), from: 'input' },
        decoder: { layer: lstm({ size: 2, output: 'sequence' }), from: 'input', state: 'output' },
        joined: { layer: dense({ size: 3 }), from: ['decoder.h', 'output.c'] },
      },
      { inputSize: 3, input: 'sequence', backend },
    );
    const svg = unrolled(model, { steps: 2 });
    expect(counts(svg)).to.deep.equal({ input: 2, cell: 4, layer: 1, output: 1, state: 6, read: 2 + 2 + 2 + 1 });
    expect(words(svg).filter(word => word === 'output')).to.have.length(3); // its name, that of the row, where states come from
  });

  it('draws what has no time once, and layers around others and cells of one’s own as recurrent', () => {
    const plain = sequential([dense({ size: 2 }), dense({ size: 1 })], { inputSize: 3, input: 'vector', backend });
    expect(counts(unrolled(plain))).to.deep.equal({ input: 1, layer: 2, output: 1, read: 3 });
    const sum = recurrentCell({ name: 'sum', parameters: () => ({}), step: ({ x, h }) => ({ h: add(x, h) }) });
    const model = sequential(
      [residual(gru({ size: 3, output: 'sequence', direction: 'backward' })), sum({ size: 3 })],
      { inputSize: 3, backend },
    );
    const svg = unrolled(model);
    expect(counts(svg)).to.include({ cell: 6, state: 8 });
    expect(words(svg)).to.include.members(['sum', '3 features, from the end']);
  });

  it('has each of several inputs beneath what reads it first, and a memory read at every step', () => {
    const model = graph(
      {
        image: { layer: dense({ size: 2 }), from: 'picture' },
        encoder: { layer: gru({ size: 2, output: 'sequence' }), from: 'sound' },
        decoder: { layer: luongLstm({ size: 2 }), from: 'target', memory: 'encoder', state: { h: 'image' } },
      },
      {
        inputs: {
          picture: { kind: 'vector', size: 4 },
          target: { kind: 'sequence', size: 1 },
          sound: { kind: 'sequence', size: 3 },
        },
        backend,
      },
    );
    const svg = unrolled(model);
    expect(counts(svg)).to.deep.equal({
      input: 1 + 3 + 3,
      layer: 1,
      cell: 6,
      output: 3,
      state: 8,
      read: 1 + 3 + 6 + 3,
    });
    const names = ['picture', 'image', 'sound', 'encoder', 'target', 'decoder', 'output'];
    expect(words(svg).filter(word => names.includes(word!))).to.include.members(names);
    expect(boxes(svg, 'input').filter(({ x }) => x === boxes(svg, 'input')[0]!.x)).to.have.length(2);
  });

  it('refuses steps that cannot be drawn', () => {
    for (const steps of [1, -1, 2.5, Number.NaN])
      expect(codeOf(() => unrolled(tagger(), { steps }))).to.equal('ERR_ARGUMENT');
  });
});
