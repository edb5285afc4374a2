#!/usr/bin/env node
import { failureOf } from './failure.ts';
import { interruptSignal } from './interrupt.ts';
import { endOnBrokenPipe, notice } from './output.ts';
import { createProgram } from './program.ts';

async function main(): Promise<void> {
  endOnBrokenPipe();
  const program = createProgram(interruptSignal());
  const [, , ...given] = process.argv;
  try {
    await program.parseAsync(given.length > 0 ? given : ['--help'], { from: 'user' });
  } catch (error) {
    const { exitCode, line } = failureOf(error);
    if (line !== undefined) notice(`recurra: ${line}`);
    process.exitCode = exitCode;
  }
}

await main();
