import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { noteAudio } from './queue-links-store.ts';

/** Less than the minimum of `AbandonAfterSeconds`, one second. */
const NOTE_MILLISECONDS = 500;

/** Notes the arrival of bytes, so their call does not count as silent; does not delay them. */
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
          .catch((error: unknown) =>
            log.warn({ err: error }, 'could not note that audio of a live call is arriving'),
          )
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
