import type { Backend } from '../backend.ts';
import { serve } from '../hosted/serve.ts';
import { Interpreter } from './interpreter.ts';
import { Memory } from './memory.ts';

serve((precision: Backend['precision']) => {
  const memory = new Memory();
  return loaded => new Interpreter(loaded, precision, memory);
});
