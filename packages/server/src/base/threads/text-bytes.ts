import { StringDecoder } from 'node:string_decoder';
import { setImmediate } from 'node:timers/promises';

/** Texts on their way to a thread or back: their bytes are moved, where a text would be copied. */
export type TextBytes = ArrayBuffer;

export function bytesOf(text: string): TextBytes {
  return new TextEncoder().encode(text).buffer;
}

export const textOf = (bytes: TextBytes): string => Buffer.from(bytes).toString('utf8');

export const MAX_CHUNK_CHARACTERS = 1024 * 1024;
const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00;

/**
 * The same as `bytesOf`, in slices, between which other requests have their turn. `known`: its bytes, if the
 * caller has them and keeps them; what is given is a copy, which is made sooner.
 */
export async function bytesInTurns(text: string, known?: TextBytes): Promise<TextBytes> {
  if (known) return copyOf(known);
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

async function copyOf(bytes: TextBytes): Promise<TextBytes> {
  const copy = new Uint8Array(bytes.byteLength);
  for (let from = 0; from < bytes.byteLength; from += MAX_CHUNK_CHARACTERS) {
    const length = Math.min(MAX_CHUNK_CHARACTERS, bytes.byteLength - from);
    copy.set(new Uint8Array(bytes, from, length), from);
    await setImmediate();
  }
  return copy.buffer;
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

/** The bytes of a text that comes in pieces: to join them takes as long as to encode them. */
export async function joinBytesInTurns(pieces: readonly string[]): Promise<Buffer> {
  const bytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  const joined = Buffer.allocUnsafeSlow(bytes);
  let written = 0;
  for (const piece of pieces) {
    for (const slice of slicesOf(piece)) {
      written += joined.write(slice, written);
      if (isFull(slice)) await setImmediate();
    }
  }
  // Nothing of the buffer may leave that was not written.
  return joined.subarray(0, written);
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
export async function textInTurns(bytes: TextBytes): Promise<string> {
  if (bytes.byteLength <= MAX_CHUNK_CHARACTERS) return textOf(bytes);
  const decoder = new StringDecoder('utf8');
  let text = '';
  for (let from = 0; from < bytes.byteLength; from += MAX_CHUNK_CHARACTERS) {
    const length = Math.min(MAX_CHUNK_CHARACTERS, bytes.byteLength - from);
    text += decoder.write(Buffer.from(bytes, from, length));
    await setImmediate();
  }
  return text + decoder.end();
}
