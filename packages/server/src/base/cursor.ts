import { Fault } from './fault.ts';
import type { Secrets } from './secrets.ts';

/**
 * Turns a position into an opaque, URL-safe text and back. `audience` says for whom it is good, such
 * as a list and its business; a cursor of another audience, or one that was altered or cut, is
 * INVALID_CURSOR.
 */
export function encodeCursor(secrets: Secrets, audience: string, position: unknown): string {
  const text = Buffer.from(JSON.stringify(position)).toString('base64url');
  return `${text}.${secrets.sign('cursor', `${audience}\n${text}`)}`;
}

/** The position as it was encoded; its type is the encoder's word, which the signature proves. */
export function decodeCursor<Position>(
  secrets: Secrets,
  audience: string,
  cursor: string,
): Position {
  const dot = cursor.lastIndexOf('.');
  const text = cursor.slice(0, dot);
  if (dot < 0 || !secrets.verify('cursor', `${audience}\n${text}`, cursor.slice(dot + 1))) {
    throw new Fault(
      'INVALID_CURSOR',
      'The cursor is not one that this list gave; start again without a cursor.',
    );
  }
  return JSON.parse(Buffer.from(text, 'base64url').toString());
}
