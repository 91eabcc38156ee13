import { StringDecoder } from 'node:string_decoder';
import { setImmediate } from 'node:timers/promises';

/** Texts on their way to a thread or back: their bytes are moved, where a text would be copied. */
export type TextBytes = ArrayBuffer;

/**
 * A text on its way from the database to a reader. A long one stays bytes, in pieces that may end within a
 * character: to decode it, and to encode it again, would keep other requests waiting.
 */
export type StoredText = string | readonly Uint8Array[];

export function bytesOf(text: string): TextBytes {
  return new TextEncoder().encode(text).buffer;
}

export const textOf = (bytes: TextBytes): string => Buffer.from(bytes).toString('utf8');

/** Encoded or decoded in one turn of the event loop: some 2 ms on a slow core. */
export const MAX_CHUNK_CHARACTERS = 256 * 1024;
const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00;

/**
 * The same as `bytesOf`, in slices, between which other requests have their turn. `known`: its bytes, if the
 * caller has them and keeps them; what is given is a copy, which is made sooner.
 */
export async function bytesInTurns(text: StoredText, known?: TextBytes): Promise<TextBytes> {
  if (known) return joined(piecesOf(known));
  if (typeof text !== 'string') return joined(text);
  if (text.length <= MAX_CHUNK_CHARACTERS) return bytesOf(text);
  const bytes = new Uint8Array(Buffer.byteLength(text));
  const encoder = new TextEncoder();
  let written = 0;
  for (const slice of slicesOf(text)) {
    written += encoder.encodeInto(slice, bytes.subarray(written)).written;
    await setImmediate();
  }
  return bytes.buffer;
}

/**
 * A text as a parameter of a statement. A long one is given as its bytes, which PostgreSQL takes for a
 * `text` as well: the driver would encode it in one go. `known`: its bytes, if the caller has them.
 */
export async function textParameter(text: string, known?: TextBytes): Promise<string | Buffer> {
  if (text.length <= MAX_CHUNK_CHARACTERS) return text;
  return Buffer.from(known ?? (await bytesInTurns(text)));
}

/** The pieces of a text whose bytes are there, for `StoredText`. */
export function piecesOf(bytes: TextBytes): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < bytes.byteLength; from += MAX_CHUNK_CHARACTERS) {
    const length = Math.min(MAX_CHUNK_CHARACTERS, bytes.byteLength - from);
    pieces.push(new Uint8Array(bytes, from, length));
  }
  return pieces;
}

async function joined(pieces: readonly Uint8Array[]): Promise<TextBytes> {
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  return (await copyInTurns(pieces, bytes)).buffer as ArrayBuffer;
}

/** Buffers joined to one of `bytes` bytes, between which other requests have their turn. */
export async function copyInTurns(parts: readonly Uint8Array[], bytes: number): Promise<Buffer> {
  const joined = Buffer.allocUnsafeSlow(bytes);
  let written = 0;
  let inTurn = 0;
  for (const part of parts) {
    joined.set(part, written);
    written += part.length;
    inTurn += part.length;
    if (inTurn < MAX_CHUNK_CHARACTERS) continue;
    await setImmediate();
    inTurn = 0;
  }
  // Nothing of the buffer may leave that was not written.
  return joined.subarray(0, written);
}

/** The bytes of a text that comes in pieces; a long piece is encoded in several. */
export async function encodeInTurns(
  pieces: readonly (string | Uint8Array)[],
): Promise<Uint8Array[]> {
  const encoded: Uint8Array[] = [];
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      encoded.push(piece);
      continue;
    }
    for (const slice of slicesOf(piece)) {
      encoded.push(Buffer.from(slice));
      if (isFull(slice)) await setImmediate();
    }
  }
  return encoded;
}

/** Parts of at most `MAX_CHUNK_CHARACTERS` that can be encoded one by one. */
export function* slicesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const end = Math.min(from + MAX_CHUNK_CHARACTERS, text.length);
    const to = end < text.length && isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end;
    yield text.slice(from, to);
    from = to;
  }
}

/** Whether it is one of several; a pair of surrogates is not cut, so it may be shorter by one. */
export const isFull = (slice: string): boolean => slice.length >= MAX_CHUNK_CHARACTERS - 1;

/** The same as `textOf`, in slices. */
export async function textInTurns(text: TextBytes | StoredText): Promise<string> {
  if (typeof text === 'string') return text;
  const pieces = text instanceof ArrayBuffer ? piecesOf(text) : text;
  const decoder = new StringDecoder('utf8');
  let decoded = '';
  for (const [at, piece] of pieces.entries()) {
    if (at > 0) await setImmediate();
    decoded += decoder.write(piece);
  }
  return decoded + decoder.end();
}
