import type { Suite } from './mutation.ts';
import { nativeOperationTests } from './tests-in.ts';

const run = 'native/engine/run.cc';
const limits = 'native/engine/limits.cc';
const limitKernels = 'native/kernels/limits.inl.h';
const barrier = 'native/sequence/step_barrier.h';
const ragged = 'native/sequence/ragged.cc';

/** The rules of a run, and what is measured of the machine. */
export const nativeEngine: Suite = {
  name: 'the engine on native',
  native: true,
  tests: [...nativeOperationTests, 'test/native/sequence/recurrent.test.ts'],
  mutations: [
    {
      name: 'native run: the first worker alone copies its share of a large result',
      file: run,
      find: 'const Range mine = share(worker, static_cast<int64_t>(bytes));',
      replace: 'const Range mine = worker.index() > 0 ? Range{0, 0} : share(worker, static_cast<int64_t>(bytes));',
    },
    {
      name: 'native run: a large result stands in the memory of the next',
      file: 'native/addon/arrays.cc',
      find: 'rooms[i].IsEmpty() ? Napi::ArrayBuffer::New(env, bytes) : rooms[i].Value();',
      replace: 'rooms[i].IsEmpty() ? Napi::ArrayBuffer::New(env, bytes) : rooms[(i + 1) % rooms.size()].Value();',
    },
    {
      name: 'native run: shapes are those of the run before',
      file: run,
      find: 'if (instance.sized && instance.sizes == request_.sizes) return;',
      replace: 'if (instance.sized) return;',
    },
    {
      name: 'native run: a loss that is not finite is written',
      file: run,
      find: 'if (!std::isfinite(',
      replace: 'if (false && !std::isfinite(',
    },
    {
      name: 'native run: the commit point comes after the updates',
      file: run,
      find: 'if (index == commit) check_finite();',
      replace: '',
    },
    {
      name: 'native run: parameters that a step wrote do not become stale',
      file: run,
      find: 'for (const auto& [slot, id] : program_.steps[index].outputs) touch(id);',
      replace: '',
    },
    {
      name: 'native run: cancelling is noticed between operations only',
      file: barrier,
      find: 'if (worker.index() == 0 && run_.cancelled())',
      replace: 'if (worker.index() == 0 && false)',
    },
    { name: 'native run: offsets may grow', file: ragged, find: 'alive < 0 || alive > most', replace: 'alive < 0' },
    { name: 'native run: order may repeat', file: ragged, find: '|| seen[static_cast<size_t>(index)]', replace: '' },
    {
      name: 'native limits: a chain waits for the one before it',
      file: limitKernels,
      find: 'x[k] = fma(x[k], factor, addend);',
      replace: 'x[k] = fma(x[(k + kChains - 1) % kChains], factor, addend);',
    },
    {
      name: 'native limits: a multiply-add counts as four operations',
      file: limitKernels,
      find: '2 * kChains * Vec::width',
      replace: '4 * kChains * Vec::width',
    },
    {
      name: 'native limits: a cache holds the memory that is gone over',
      file: limits,
      find: 'size_t{512} << 20',
      replace: 'size_t{512} << 10',
    },
  ],
};
