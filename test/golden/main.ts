import { golden } from './command.ts';

process.exitCode = await golden(process.argv.slice(2), {
  line: text => console.log(text),
  error: text => console.error(text),
});
