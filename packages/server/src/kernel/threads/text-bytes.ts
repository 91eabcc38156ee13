import { StringDecoder } from 'node:string_decoder';
import { setImmediate } from 'node:timers/promises';

/** Text as bytes, which can be transferred between threads, while strings are copied. */
export type TextBytes = ArrayBuffer;

/** A long text stays bytes, in pieces that may end within a character: decoding blocks others. */
export type StoredText = string | readonly Uint8Array[];

export function bytesOf(text: string): TextBytes {
  return new TextEncoder().encode(text).buffer;
}

export const textOf = (bytes: TextBytes): string => Buffer.from(bytes).toString('utf8');

/** Encoding or decoding this much takes about 2 ms on a slow core. */
export const MAX_CHUNK_CHARACTERS = 256 * 1024;
const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00;

/** Encodes in slices, yielding in between; a copy of `known`, if given, is faster. */
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

/** PostgreSQL accepts bytes for `text`, which the driver need not encode without yielding. */
export async function textParameter(text: string, known?: TextBytes): Promise<string | Buffer> {
  if (text.length <= MAX_CHUNK_CHARACTERS) return text;
  return Buffer.from(known ?? (await bytesInTurns(text)));
}

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
  return joined.subarray(0, written);
}

export async function encodeInTurns(pieces: readonly (string | Uint8Array)[]) {
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

/** Cuts a text into slices of at most `MAX_CHUNK_CHARACTERS` that can be encoded separately. */
export function* slicesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const end = Math.min(from + MAX_CHUNK_CHARACTERS, text.length);
    const to = end < text.length && isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end;
    yield text.slice(from, to);
    from = to;
  }
}

/** True if more text follows; a slice may be one unit short, to keep a surrogate pair whole. */
export const isFull = (slice: string): boolean => slice.length >= MAX_CHUNK_CHARACTERS - 1;

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
