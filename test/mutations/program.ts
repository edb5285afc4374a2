import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const plan = 'lib/program/plan.ts';
const recording = 'lib/program/recording.ts';
const gradients = 'lib/ops/gradients.ts';
const recurrent = 'lib/ops/recurrent.ts';
const scan = 'lib/ops/scan.ts';
const scanGradient = 'lib/ops/scan-gradient.ts';
const linear = 'lib/ops/linear-recurrence.ts';
const delay = 'lib/ops/delay.ts';
const memory = 'lib/program/memory.ts';
const mergeRows = 'lib/ops/merge-rows.ts';

/** Recording, differentiation, planning. */
export const program: Suite = {
  name: 'programs',
  native: false,
  tests: [
    'test/program/plan.test.ts',
    'test/program/memory.test.ts',
    'test/program/recording.test.ts',
    'test/program/listing.test.ts',
    'test/program/gradients.test.ts',
    'test/golden/golden.test.ts',
    ...testsIn('test/ops'),
  ],
  mutations: [
    {
      name: 'plan: a buffer that dies where another is born shares its place',
      file: plan,
      find: 'other.first <= last && first <= other.last',
      replace: 'other.first < last && first < other.last',
    },
    {
      name: 'plan: a buffer lives only until its first reader',
      file: plan,
      find: 'if (life) life.last = index;',
      replace: 'if (life) life.last = Math.min(life.last + 1, index);',
    },
    {
      name: 'plan: results may be overwritten before the run ends',
      file: plan,
      find: "if (buffer.role === 'result' && life) life.last = program.steps.length;",
      replace: '',
    },
    {
      name: 'plan: checked values may be overwritten before the commit point',
      file: plan,
      find: 'if (life) life.last = Math.max(life.last, program.commit);',
      replace: '',
    },
    {
      name: 'plan: a gap is taken without looking whether the buffer fits',
      file: plan,
      find: 'if (start + size <= other.start) break;',
      replace: 'if (start < other.start) break;',
    },
    {
      name: 'plan: float64 is given the room of float32',
      file: plan,
      find: "(dtype === 'real' ? bytesPerReal : 4)",
      replace: '4',
    },
    {
      name: 'plan: places are not aligned',
      file: plan,
      find: 'Math.ceil(bytes / alignment) * alignment',
      replace: 'bytes',
    },
    {
      name: 'plan: sizes beyond the capacity are accepted',
      file: plan,
      find: 'sizes[name]! <= limit',
      replace: 'sizes[name]! <= 2 * limit',
    },
    {
      name: 'plan: capacities shrink',
      file: plan,
      find: 'previous?.[name] ?? 1',
      replace: '1',
    },
    {
      name: 'recording: steps that nobody needs are kept',
      file: recording,
      find: 'if (!Object.values(step.outputs).some(id => needed.has(id))) continue;',
      replace: '',
    },
    {
      name: 'recording: dropped steps count towards the commit point',
      file: recording,
      find: 'kept.unshift(step); if (index < steps.length) commit++;',
      replace: 'kept.unshift(step); commit = steps.length;',
    },
    {
      name: 'recording: a tensor stored twice is stored once',
      file: recording,
      find: "role === 'scratch' && !this.moved.has(tensor.buffer); const source",
      replace: "role === 'scratch'; const source",
    },
    {
      name: 'recording: a stored tensor is lost to its other readers',
      file: recording,
      find: 'inputs: place(step.inputs), outputs: place(step.outputs)',
      replace: 'outputs: place(step.outputs)',
    },
    {
      name: 'gradients: a second gradient replaces the first',
      file: gradients,
      find: 'sums.set(at, sum ? add(sum, gradient) : gradient);',
      replace: 'sums.set(at, gradient);',
    },
    {
      name: 'gradients: a path without a gradient is passed over in silence',
      file: gradients,
      find: 'if (!operation.gradient)',
      replace: 'if (!operation.gradient) continue; if (!operation.gradient)',
    },
    {
      name: 'gradients: shapes of arriving gradients are not checked',
      file: gradients,
      find: 'if (!sameShape(at.shape, gradient.shape))',
      replace: 'if (false)',
    },
    {
      name: 'recurrent: the gradient that arrives at the last state is lost',
      file: recurrent,
      find: 'dhN: gradients.hN',
      replace: 'dhN: undefined',
    },
    {
      name: 'recurrent: the gradient that arrives at the last cell state is lost',
      file: recurrent,
      find: 'dcN: gradients.cN',
      replace: 'dcN: undefined',
    },
    {
      name: 'scan: a constant gets the gradient of one step alone',
      file: scanGradient,
      find: 'back.carry(sum, add(sum, inside(gradient)));',
      replace: 'back.carry(sum, inside(gradient));',
    },
    {
      name: 'scan: its gradient goes the same way',
      file: scanGradient,
      find: 'opposite(direction)',
      replace: 'direction',
    },
    {
      name: 'linearRecurrence: its gradient goes the same way',
      file: linear,
      find: 'opposite(direction)',
      replace: 'direction',
    },
    {
      name: 'linearRecurrence: what arrives at the last state is lost',
      file: linear,
      find: 'fill(a.recording, dhN.shape, 1)',
      replace: 'fill(a.recording, dhN.shape, 0)',
    },
    {
      name: 'linearRecurrence: the gradient of a forgets the initial state',
      file: linear,
      find: 'delay(y, { before: h, direction }).y',
      replace: 'delay(y, { direction }).y',
    },
    { name: 'delay: its gradient goes the same way', file: delay, find: 'opposite(direction)', replace: 'direction' },
    {
      name: 'scan: a state that nothing depends on keeps its gradient',
      file: scanGradient,
      find: 'next ? inside(next) : fill(back.recording, gradient.shape, 0)',
      replace: 'next ? inside(next) : gradient',
    },
    {
      name: 'scan: a step may mix its rows',
      file: scan,
      find: 'if (Object.values(inputs).some(hasRows) && !Object.values(outputs).every(hasRows))',
      replace: 'if (false)',
    },
    {
      name: 'scan: what needs no state is computed at every step',
      file: scan,
      find: 'if (Object.values(entry.inputs).every(input => around.has(input)))',
      replace: 'if (false)',
    },
    {
      name: 'recurrent: the row of the padding index gets a gradient',
      file: recurrent,
      find: '{ rows, ignore: ignore! }',
      replace: '{ rows }',
    },
    {
      name: 'tableRows: readers that leave out different rows are merged',
      file: mergeRows,
      find: 'if (addends.some(addend => addend.ignore !== ignore)) return undefined;',
      replace: '',
    },
    {
      name: 'tableRows: a row that is added to all is taken for one of the table',
      file: mergeRows,
      find: 'sameShape(term.shape, table.shape) && addendsOf(term)',
      replace: 'addendsOf(term)',
    },
    {
      name: 'tanh: its gradient is that of the sigmoid',
      file: 'lib/ops/tanh.ts',
      find: 'scale(square(y), -1, 1)',
      replace: 'scale(square(y), -1, 0)',
    },
    {
      name: 'gather: the row of the padding index gets a gradient',
      file: 'lib/ops/gather.ts',
      find: 'rows: table.shape[0]!, ignore',
      replace: 'rows: table.shape[0]!',
    },
    {
      name: 'matmul: the gradient of b forgets the transpose',
      file: 'lib/ops/matmul.ts',
      find: 'matmul(dy, a, { transposeA: true }) : matmul(a, dy, { transposeA: true })',
      replace: 'matmul(a, dy, { transposeA: true }) : matmul(a, dy, { transposeA: true })',
    },
    {
      name: 'subtract: the gradient of b has the wrong sign',
      file: 'lib/ops/subtract.ts',
      find: 'scale(dy, -1)',
      replace: 'scale(dy, 1)',
    },
    {
      name: 'memory: what dies counts on',
      file: memory,
      find: 'first <= step && step <= last',
      replace: 'first <= step',
    },
    {
      name: 'memory: the last step counts, not the largest',
      file: memory,
      find: 'Math.max(factor, most.get(product) ?? 0)',
      replace: 'factor',
    },
  ],
};
