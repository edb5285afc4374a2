import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, npm, run } from './npm.ts';

/** A folder of somebody who installed the tarball: offline, with an empty cache, and nothing but Node on the PATH. */
export class Project {
  /** Outside the checkout, whose node_modules Node would find. */
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'recurra-pack-')));
  private readonly path = join(this.folder, 'bin');

  constructor(tarball: string) {
    mkdirSync(this.path);
    symlinkSync(process.execPath, join(this.path, 'node'));
    writeFileSync(join(this.folder, 'package.json'), '{ "private": true }\n');
    cpSync(join(import.meta.dirname, 'consumers'), this.folder, { recursive: true });
    const options = ['--offline', '--ignore-scripts', '--cache', join(this.folder, 'cache')];
    npm(['install', tarball, ...options], { cwd: this.folder, env: this.environment() });
  }

  get installed(): string {
    return join(this.folder, 'node_modules', 'recurra');
  }

  /** What Node, this one or another, says about a script of test/pack/consumers. */
  node(args: readonly string[], more: NodeJS.ProcessEnv = {}): string {
    return run(process.execPath, args, { cwd: this.folder, env: { ...this.environment(), ...more } });
  }

  environment(): NodeJS.ProcessEnv {
    return { ...environment(), PATH: this.path };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
