import { Command } from 'commander';
import { benchCommand } from './commands/bench.ts';
import { buildCommand } from './commands/build.ts';
import { demoCommand } from './commands/demo.ts';
import { diagnoseCommand } from './commands/diagnose.ts';
import { diagramCommand } from './commands/diagram.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { gymCommand } from './commands/gym.ts';
import { infoCommand } from './commands/info.ts';
import { predictCommand } from './commands/predict.ts';
import { traceCommand } from './commands/trace.ts';
import { trainCommand } from './commands/train.ts';
import { packageVersion } from './version.ts';

/** The command line. Parsing throws what went wrong, CommanderError for wrong usage; it never exits. */
export function createProgram(signal: AbortSignal): Command {
  const program = new Command('recurra')
    .description('Train recurrent neural networks on text, and use them.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      'after',
      `
Examples:
  recurra train reviews.csv --text review --label sentiment --out sentiment.safetensors
  recurra evaluate sentiment.safetensors --data more.csv --text review --label sentiment
  recurra predict sentiment.safetensors --text "What a lovely film"
  recurra bench --cell gru --size 256
  recurra gym --task adding

recurra train --help, and so on, explains a command's flags.
Exit codes: 0 done; 1 something broke; 2 wrong usage or unusable data; 130 interrupted.`,
    );
  for (const create of [
    trainCommand,
    evaluateCommand,
    predictCommand,
    benchCommand,
    gymCommand,
    diagnoseCommand,
    traceCommand,
    diagramCommand,
    infoCommand,
    buildCommand,
    demoCommand,
  ])
    program.addCommand(create(signal).copyInheritedSettings(program));
  return program;
}
