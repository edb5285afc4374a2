import { golden } from './command.ts';

process.exitCode = await golden(process.argv.slice(2), { line: console.log, error: console.error });
