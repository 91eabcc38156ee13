import type { StoredDocument } from './document.ts';

/** Texts on their way to a thread or back: their bytes are moved, where a text would be copied. */
export type TextBytes = ArrayBuffer;

export function bytesOf(text: string): TextBytes {
  return new TextEncoder().encode(text).buffer;
}

export const textOf = (bytes: TextBytes): string => Buffer.from(bytes).toString('utf8');

/** From this size on, work on a conversation would keep other requests waiting for too long. */
const MIN_THREAD_CHARACTERS = 512 * 1024;

export const isLarge = ({ head, messages, logs }: StoredDocument): boolean =>
  head.length + messages.length + logs.length >= MIN_THREAD_CHARACTERS;
