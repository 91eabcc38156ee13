import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { noteAudio } from './named-calls-store.ts';

/** Less than the shortest `AbandonAfterSeconds`, which is one second. */
const NOTE_MILLISECONDS = 500;

/**
 * Passes on the bytes of an upload, and notes in the database that they arrive: a call whose audio is still
 * being uploaded is not silent. The upload does not wait for a note, and there is never more than one under way.
 */
export async function* noteLiveAudio(
  { db, clock, log }: Pick<Context, 'db' | 'clock' | 'log'>,
  scope: Scope,
  conversationId: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let notedAt = Number.NEGATIVE_INFINITY;
  let noting: Promise<void> | null = null;
  try {
    for await (const chunk of bytes) {
      const now = clock.now();
      if (noting === null && now - notedAt >= NOTE_MILLISECONDS) {
        notedAt = now;
        noting = noteAudio(db, scope, conversationId, now)
          .catch((error: unknown) => log.warn({ err: error }, 'live audio was not noted'))
          .finally(() => {
            noting = null;
          });
      }
      yield chunk;
    }
  } finally {
    await noting;
  }
}
