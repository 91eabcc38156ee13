import type { Plain } from './normalise.ts';

/** A text with stretches replaced, and where its code units come from. */
export class RewrittenText {
  readonly #source: string;
  readonly #pieces: string[] = [];
  readonly #places: [outputStart: number, start: number, end: number, isCopy: boolean][] = [];
  #done = 0;
  #length = 0;

  constructor(source: string) {
    this.#source = source;
  }

  replace(start: number, end: number, text: string): void {
    this.#add(this.#source.slice(this.#done, start), this.#done, start, true);
    this.#add(text, start, end, false);
    this.#done = end;
  }

  finish(): Plain {
    const { length } = this.#source;
    this.#add(this.#source.slice(this.#done), this.#done, length, true);
    const places = { starts: new Uint32Array(this.#length), ends: new Uint32Array(this.#length) };
    for (const [index, [output, start, end, isCopy]] of this.#places.entries()) {
      const outputEnd = this.#places[index + 1]?.[0] ?? this.#length;
      for (let at = output; at < outputEnd; at += 1) {
        places.starts[at] = isCopy ? start + at - output : start;
        places.ends[at] = isCopy ? start + at - output + 1 : end;
      }
    }
    return { text: this.#pieces.join(''), places };
  }

  #add(text: string, start: number, end: number, isCopy: boolean): void {
    if (text === '') return;
    this.#places.push([this.#length, start, end, isCopy]);
    this.#pieces.push(text);
    this.#length += text.length;
  }
}
