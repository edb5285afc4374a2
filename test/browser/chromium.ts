import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The command that starts Chromium, or undefined where there is none; the environment variable CHROMIUM names another. */
export const chromium = [process.env.CHROMIUM ?? '', 'chromium', 'chromium-browser', 'google-chrome'].find(
  command => command && spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0,
);

/** Has a page open until `done` resolves; rejects where Chromium ends before. */
export async function withPage<Result>(url: string, done: Promise<Result>): Promise<Result> {
  const profile = await mkdtemp(join(tmpdir(), 'recurra-chromium-'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`];
  const child = spawn(chromium!, [...flags, url], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  try {
    const early = ended.then(([code]) => {
      throw new Error(`${chromium} ended with ${code}`);
    });
    return await Promise.race([done, early]);
  } finally {
    child.kill();
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
