import { hash } from 'node:crypto';
import type { SourceName } from '@colloquy/wire';

const MAX_LENGTH = 128;
const KEPT_LENGTH = 80;
/** `:` stands for `%`, so it is encoded too. */
const ALLOWED = /[A-Za-z0-9_.-]/;

/** The same for all deliveries of a call: other characters become `:` and their UTF-8 in hex. */
export function conversationIdOf(source: SourceName, callId: string): string {
  let id = `${source}_`;
  for (const character of callId) {
    id += ALLOWED.test(character) ? character : encode(character);
  }
  if (id.length <= MAX_LENGTH) return id;
  return `${id.slice(0, KEPT_LENGTH)}_${hash('sha256', id).slice(0, 40)}`;
}

const encode = (character: string) =>
  [...Buffer.from(character)]
    .map((byte) => `:${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
