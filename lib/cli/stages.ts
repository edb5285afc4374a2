import { barLine, liveLine, percent } from './bar.ts';
import { clock } from './numbers.ts';

/** One line of at most `width` columns: what is going on, a bar over all stages, the time left. */
export function stageLine(stage: string, share: number, secondsLeft: number, width: number): string {
  return barLine(`  ${stage}  `, share, `${percent(share)}  ${clock(secondsLeft)} left`, width);
}

/**
 * Draws on a terminal how far things are that happen one after the other, and wipes it out in the end.
 * @param seconds what each takes, about, by what it is called
 */
export class Stages<Name extends string> {
  readonly #seconds: Readonly<Record<Name, number>>;
  readonly #bar: ReturnType<typeof liveLine>;
  #stage: string;
  #done = 0;

  constructor(stream: NodeJS.WritableStream, seconds: Readonly<Record<Name, number>>) {
    const all = Object.values<number>(seconds).reduce((sum, each) => sum + each, 0);
    this.#seconds = seconds;
    this.#stage = Object.keys(seconds).find(name => seconds[name as Name] > 0) ?? '';
    this.#bar = liveLine(stream, width => stageLine(this.#stage, this.#done / all, all - this.#done, width));
    this.#bar.start(all, 0);
  }

  /** Takes what tells the share of a stage that is done; the stages before it are over. */
  enter(stage: Name): (share: number) => void {
    const names = Object.keys(this.#seconds) as Name[];
    const before = names.slice(0, names.indexOf(stage)).reduce((sum, name) => sum + this.#seconds[name], 0);
    const show = (share: number) => {
      this.#stage = stage;
      this.#done = before + share * this.#seconds[stage];
      this.#bar.update(this.#done);
    };
    show(0);
    return show;
  }

  stop(): void {
    this.#bar.stop();
  }
}
