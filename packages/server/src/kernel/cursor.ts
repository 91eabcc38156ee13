import { Fault } from './fault.ts';
import type { Secrets } from './secrets.ts';

/**
 * Encodes a position as opaque, URL-safe text. `audience` names the list and its business. Encrypted,
 * because a position may contain ids and filters with numbers that are masked for the reader. The same
 * position always gives the same cursor.
 */
export function encodeCursor(secrets: Secrets, audience: string, position: unknown): string {
  return secrets.seal(`cursor ${audience}`, JSON.stringify(position));
}

/**
 * Fault: INVALID_CURSOR if the cursor was altered or is of another audience. The seal proves that the
 * position has the type that was encoded.
 */
export function decodeCursor<Position>(
  secrets: Secrets,
  audience: string,
  cursor: string,
): Position {
  const text = secrets.open(`cursor ${audience}`, cursor);
  if (text === null) {
    throw new Fault(
      'INVALID_CURSOR',
      'The cursor does not belong to this list; start again without a cursor.',
    );
  }
  return JSON.parse(text);
}
