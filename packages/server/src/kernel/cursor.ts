import { Fault } from './fault.ts';
import type { Secrets } from './secrets.ts';

/** Encodes a position deterministically; encrypted, because it may contain ids that are masked. */
export function encodeCursor(secrets: Secrets, audience: string, position: unknown): string {
  return secrets.seal(`cursor ${audience}`, JSON.stringify(position));
}

/** Fault: INVALID_CURSOR if the cursor was altered or is of another list or business. */
export function decodeCursor<Position>(
  secrets: Secrets,
  audience: string,
  cursor: string,
): Position {
  const text = secrets.open(`cursor ${audience}`, cursor);
  if (text !== null) return JSON.parse(text);
  const message = 'The cursor does not belong to this list; start again without a cursor.';
  throw new Fault('INVALID_CURSOR', message);
}
