import type { SourceName } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import type { EventIdentity, StoredDelivery } from '../sources/source.ts';
import { SOURCES_BY_NAME } from '../sources/sources.ts';

/** Parsing a larger body on the event loop would delay other requests. */
const MAX_INLINE_BYTES = 128 * 1024;

const IDENTIFY = threadTask<typeof import('./identify.thread.ts').default>(
  new URL('./identify.thread.ts', import.meta.url),
);

/** Rejects if the body cannot be read. */
export async function identify(
  { threads }: Pick<Context, 'threads'>,
  source: SourceName,
  { headers, body }: StoredDelivery,
): Promise<EventIdentity> {
  if (body.length <= MAX_INLINE_BYTES) return SOURCES_BY_NAME[source].identify({ headers, body });
  // Copied, because the body itself is stored afterwards.
  const bytes = new Uint8Array(body);
  return threads.run(IDENTIFY, { source, headers, bytes }, { transfer: [bytes.buffer] });
}
