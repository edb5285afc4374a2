import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Runs a script in a process of its own, which is killed if it hangs. */
export async function runScript(
  script: URL,
  { flags = [], args = [] }: { flags?: readonly string[]; args?: readonly string[] } = {},
): Promise<{ code: number | null; signal: string | null; output: string }> {
  const child = spawn(process.execPath, [...flags, fileURLToPath(script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 50_000,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text;
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, output };
}
