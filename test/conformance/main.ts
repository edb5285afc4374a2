import { conformance } from './command.ts';

process.exitCode = await conformance(process.argv.slice(2), {
  line: text => console.log(text),
  error: text => console.error(text),
});
