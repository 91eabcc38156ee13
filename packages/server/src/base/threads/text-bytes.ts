import { StringDecoder } from 'node:string_decoder';
import { setImmediate } from 'node:timers/promises';

/** Texts on their way to a thread or back: their bytes are moved, where a text would be copied. */
export type TextBytes = ArrayBuffer;

export function bytesOf(text: string): TextBytes {
  return new TextEncoder().encode(text).buffer;
}

export const textOf = (bytes: TextBytes): string => Buffer.from(bytes).toString('utf8');

const SLICE = 1024 * 1024;
const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00;

/** The same as `bytesOf`, in slices, between which other requests have their turn. */
export async function bytesInTurns(text: string): Promise<TextBytes> {
  if (text.length <= SLICE) return bytesOf(text);
  const bytes = new Uint8Array(Buffer.byteLength(text));
  const encoder = new TextEncoder();
  let written = 0;
  for (let from = 0; from < text.length; ) {
    const end = Math.min(from + SLICE, text.length);
    const to = isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end;
    written += encoder.encodeInto(text.slice(from, to), bytes.subarray(written)).written;
    from = to;
    await setImmediate();
  }
  return bytes.buffer;
}

/** The same as `textOf`, in slices. */
export async function textInTurns(bytes: TextBytes): Promise<string> {
  if (bytes.byteLength <= SLICE) return textOf(bytes);
  const decoder = new StringDecoder('utf8');
  let text = '';
  for (let from = 0; from < bytes.byteLength; from += SLICE) {
    const length = Math.min(SLICE, bytes.byteLength - from);
    text += decoder.write(Buffer.from(bytes, from, length));
    await setImmediate();
  }
  return text + decoder.end();
}
