import { CsvRefusal } from './refusal.ts';

/** From a `Content-Type`. A byte order mark overrides it. */
export type Charset = 'utf-8' | 'utf-16' | 'utf-16le' | 'utf-16be';
type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

const SNIFFED_BYTES = 512;
const SAVE_AS = 'Save it as "CSV UTF-8" and send it again.';

/** `before` is the text before it in its line. */
export class UndecodableByte extends Error {
  readonly line: number;
  readonly before: string;
  readonly encoding: Encoding;

  constructor({ line, before }: Place, encoding: Encoding) {
    super(`Line ${line} is not text in ${encoding.toUpperCase()}.`);
    this.line = line;
    this.before = before;
    this.encoding = encoding;
  }

  /** `column` counts from 1. */
  refusal(column: number): CsvRefusal {
    const encoding = this.encoding.toUpperCase();
    return new CsvRefusal(
      `Line ${this.line}, column ${column} is not text in ${encoding}. Save the file as "CSV UTF-8" and send it again.`,
    );
  }
}

/** UTF-8, or UTF-16 by a byte order mark, `charset` or its zeros. CsvRefusal for workbooks. */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
  charset: Charset | null,
): AsyncGenerator<string> {
  let decoder: ChunkDecoder | null = null;
  let head: Uint8Array = new Uint8Array(0);
  for await (const chunk of bytes) {
    if (decoder) {
      yield* decoder.decode(chunk);
      continue;
    }
    head = joined(head, chunk);
    if (head.length < SNIFFED_BYTES) continue;
    decoder = new ChunkDecoder(encodingOf(head, charset));
    yield* decoder.decode(head);
  }
  if (!decoder) {
    decoder = new ChunkDecoder(encodingOf(head, charset));
    yield* decoder.decode(head);
  }
  yield* decoder.end();
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

const OTHER_KINDS: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a workbook (such as .xlsx or .ods) or another ZIP archive'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'a workbook of an old format (.xls)'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0x1f, 0x8b], 'a gzip archive'],
  [[0xff, 0xfe, 0x00, 0x00], 'text in UTF-32'],
  [[0x00, 0x00, 0xfe, 0xff], 'text in UTF-32'],
];
const MARKUP = /^(?:\ufeff|\xef\xbb\xbf)?\s*<(?:!doctype|\?xml|html|table)/i;

function encodingOf(head: Uint8Array, charset: Charset | null): Encoding {
  const startsWith = (start: readonly number[]) => start.every((byte, at) => head[at] === byte);
  const other = OTHER_KINDS.find(([start]) => startsWith(start))?.[1];
  if (other !== undefined) throw new CsvRefusal(`This is ${other}, not CSV. ${SAVE_AS}`);
  if (MARKUP.test(String.fromCharCode(...head.subarray(0, 64)))) {
    throw new CsvRefusal(`This is an HTML or XML document, not CSV. ${SAVE_AS}`);
  }
  if (startsWith([0xef, 0xbb, 0xbf])) return 'utf-8';
  if (startsWith([0xff, 0xfe])) return 'utf-16le';
  if (startsWith([0xfe, 0xff])) return 'utf-16be';
  if (charset === 'utf-16le' || charset === 'utf-16be') return charset;
  return utf16ByZeros(head) ?? (charset === 'utf-16' ? 'utf-16le' : 'utf-8');
}

/** The header is mostly ASCII, in UTF-16 a zero and a letter. */
function utf16ByZeros(head: Uint8Array): Encoding | null {
  const length = Math.min(head.length, SNIFFED_BYTES);
  const zeros = [0, 0];
  for (let at = 0; at < length; at += 1) {
    if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  }
  const [first = 0, second = 0] = zeros;
  if (Math.max(first, second) < Math.max(2, length / 4)) return null;
  if (first * 4 < second) return 'utf-16le';
  return second * 4 < first ? 'utf-16be' : null;
}

interface Place {
  readonly line: number;
  readonly before: string;
}

const MAX_SEQUENCE = 4;

class ChunkDecoder {
  readonly #encoding: Encoding;
  readonly #decoder: TextDecoder;
  readonly #lines = new LineCounter();
  #tail: Uint8Array = new Uint8Array(0);

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
    this.#decoder = new TextDecoder(encoding, { fatal: true });
  }

  *decode(chunk: Uint8Array): Generator<string> {
    let text: string;
    try {
      text = this.#decoder.decode(chunk, { stream: true });
    } catch {
      const good = this.#goodPart(chunk);
      this.#lines.add(good);
      yield good;
      throw new UndecodableByte(this.#lines.place(), this.#encoding);
    }
    this.#tail = joined(this.#tail, chunk.subarray(-MAX_SEQUENCE)).slice(-MAX_SEQUENCE);
    this.#lines.add(text);
    yield text;
  }

  *end(): Generator<string> {
    try {
      yield this.#decoder.decode();
    } catch {
      throw new UndecodableByte(this.#lines.place(), this.#encoding);
    }
  }

  #goodPart(chunk: Uint8Array): string {
    const begun = this.#begunCharacter();
    const decodable = (length: number) => {
      try {
        const decoder = new TextDecoder(this.#encoding, { fatal: true, ignoreBOM: true });
        return decoder.decode(joined(begun, chunk.subarray(0, length)), { stream: true });
      } catch {
        return null;
      }
    };
    let [good, bad] = [0, chunk.length];
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      if (decodable(middle) === null) bad = middle;
      else good = middle;
    }
    return decodable(good) ?? '';
  }

  #begunCharacter(): Uint8Array {
    for (let length = 1; length < MAX_SEQUENCE && length <= this.#tail.length; length += 1) {
      const bytes = this.#tail.subarray(-length);
      try {
        const decoder = new TextDecoder(this.#encoding, { fatal: true, ignoreBOM: true });
        if (decoder.decode(bytes, { stream: true }) === '') return bytes;
      } catch {}
    }
    return new Uint8Array(0);
  }
}

const MAX_BEFORE = 4_096;

class LineCounter {
  #line = 1;
  #before = '';
  #endsWithReturn = false;

  add(text: string): void {
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code !== 10 && code !== 13) continue;
      const isSecondHalf =
        code === 10 && (at === 0 ? this.#endsWithReturn : text.charCodeAt(at - 1) === 13);
      if (!isSecondHalf) this.#line += 1;
      start = at + 1;
    }
    if (text !== '') this.#endsWithReturn = text.endsWith('\r');
    const rest = text.slice(start, start + MAX_BEFORE);
    this.#before = start > 0 ? rest : (this.#before + rest).slice(0, MAX_BEFORE);
  }

  place(): Place {
    return { line: this.#line, before: this.#before };
  }
}
