import type { Suite } from './mutation.ts';

/** Who gets which cores, and when they rest. */
export const nativeParallel: Suite = {
  name: 'cores',
  native: true,
  tests: ['test/native/parallel/cores.test.ts'],
  mutations: [
    {
      name: 'cores: engines do not know of each other',
      file: 'native/parallel/budget.cc',
      find: 'const int runs = runs_.load(std::memory_order_relaxed);',
      replace: 'const int runs = 1;',
    },
    {
      name: 'cores: workers look for their next call for ever',
      file: 'native/parallel/doorbell.h',
      find: 'while (clock::now() < end)',
      replace: 'while (true)',
    },
    {
      name: 'cores: sleepers are woken for whatever there is to do',
      file: 'native/parallel/pool.cc',
      find: 'return state_->asked >= kWorthWaking ||',
      replace: 'return true ||',
    },
    {
      name: 'cores: what one run had to do counts for the next',
      file: 'native/parallel/pool.cc',
      find: 'state.asked = 0;',
      replace: '',
    },
    {
      name: 'cores: a run counts as following closely on one long ago',
      file: 'native/parallel/pool.cc',
      find: 'if (now - state.began < kSoon) state.asked',
      replace: 'if (now - state.began > kSoon) state.asked',
    },
  ],
};
