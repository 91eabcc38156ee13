import type { Plain } from './normalise.ts';

interface Replaced {
  readonly start: number;
  readonly end: number;
  readonly outputStart: number;
  readonly outputEnd: number;
}

export class RewrittenText {
  readonly #source: string;
  readonly #replaced: Replaced[] = [];
  #output = '';
  #done = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Ranges must come in order. */
  replace(start: number, end: number, text: string): void {
    this.#output += this.#source.slice(this.#done, start);
    const outputStart = this.#output.length;
    this.#output += text;
    this.#replaced.push({ start, end, outputStart, outputEnd: this.#output.length });
    this.#done = end;
  }

  finish(): Plain {
    return {
      text: this.#output + this.#source.slice(this.#done),
      places: {
        startOf: (at) => this.#placeOf(at, 'start'),
        endOf: (at) => this.#placeOf(at, 'end'),
      },
    };
  }

  #placeOf(at: number, side: 'start' | 'end'): number {
    const before = this.#replacedBefore(at);
    if (before && at < before.outputEnd) return before[side];
    const moved = before ? before.end - before.outputEnd : 0;
    return at + moved + (side === 'end' ? 1 : 0);
  }

  #replacedBefore(at: number): Replaced | undefined {
    let [low, high] = [0, this.#replaced.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#replaced[middle]?.outputStart ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return this.#replaced[low - 1];
  }
}
