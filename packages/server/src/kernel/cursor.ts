import { Fault } from './fault.ts';
import type { Secrets } from './secrets.ts';

/**
 * Turns a position into an opaque, URL-safe text and back. `audience` names the list and its business:
 * a cursor of another audience, or one that was altered or cut, is INVALID_CURSOR. A position may hold
 * what is masked for the reader (ids and filters that contain numbers), so it is encrypted, not only
 * signed. The same position always gives the same cursor.
 */
export function encodeCursor(secrets: Secrets, audience: string, position: unknown): string {
  return secrets.seal(`cursor ${audience}`, JSON.stringify(position));
}

/** The position as it was encoded; its type is the encoder's word, which the seal proves. */
export function decodeCursor<Position>(
  secrets: Secrets,
  audience: string,
  cursor: string,
): Position {
  const text = secrets.open(`cursor ${audience}`, cursor);
  if (text === null) {
    throw new Fault(
      'INVALID_CURSOR',
      'The cursor is not one that this list gave; start again without a cursor.',
    );
  }
  return JSON.parse(text);
}
