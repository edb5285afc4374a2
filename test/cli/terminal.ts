import { Writable } from 'node:stream';

export const wipeLine = '\u001b[2K';

/** A terminal that remembers what was written to it. */
export class Terminal extends Writable {
  readonly isTTY: boolean;
  readonly columns = 100;
  written = '';

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk;
    done();
  }
}
