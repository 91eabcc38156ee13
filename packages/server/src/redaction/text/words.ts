import { classesAt, DIGIT, LETTER } from '../detection/character-classes.ts';

const MAX_WITHIN = 2;
const WITHIN = /^[\s-]+$/;

/** Runs of letters and of digits. An object per word would take most of the time of a search. */
export class Words {
  readonly count: number;
  readonly #text: string;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;

  constructor(text: string) {
    this.#text = text;
    this.count = eachWord(text, () => undefined);
    const [starts, ends] = [new Uint32Array(this.count), new Uint32Array(this.count)];
    eachWord(text, (word, start, end) => {
      starts[word] = start;
      ends[word] = end;
    });
    this.#starts = starts;
    this.#ends = ends;
  }

  startOf(word: number): number {
    return this.#starts[word] ?? this.#text.length;
  }

  endOf(word: number): number {
    return this.#ends[word] ?? this.#text.length;
  }

  at(word: number): string {
    const [start, end] = [this.#starts[word], this.#ends[word]];
    if (start === undefined || end === undefined) return '';
    return this.#text.slice(start, end).toLowerCase();
  }

  /** The next word if at most a space or a hyphen separates it. */
  after(word: number): string {
    const [end, next] = [this.endOf(word), this.startOf(word + 1)];
    if (next - end > MAX_WITHIN || !WITHIN.test(this.#text.slice(end, next))) return '';
    return this.at(word + 1);
  }
}

function eachWord(text: string, take: (word: number, start: number, end: number) => void): number {
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const kind = classesAt(text, at) & (LETTER | DIGIT);
    const start = at;
    at += 1;
    if (kind === 0) continue;
    while ((classesAt(text, at) & kind) !== 0) at += 1;
    take(count, start, at);
    count += 1;
  }
  return count;
}
