import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { releaseRecordings } from '../../recordings/storage/store.ts';
import { thinSpans } from '../../redaction/store.ts';
import { addPartTombstones } from '../../tombstones/tombstone-store.ts';
import { headerOf } from '../from-wire.ts';
import { CONVERSATION_COUNTS, countDeltas } from '../model/counts.ts';
import { renderHead } from '../model/document.ts';
import { eraseConversations } from '../store.ts';
import { tellQueue } from '../write/named-calls-store.ts';
import { lockSealed, type Thinned, thinConversations } from '../write/sealed-store.ts';

/** The parts of a sealed conversation whose time is over; `record`: all of it. */
export interface Parts {
  readonly transcript: boolean;
  readonly logs: boolean;
  readonly recordings: boolean;
  readonly record: boolean;
}

const NAMES = [
  ['transcript', 'Transcript'],
  ['logs', 'Logs'],
  ['recordings', 'Recordings'],
] as const;

/** Conversations of which nobody changes anything until the transaction ends. */
export type Locked = ReadonlyMap<string, { readonly head: string }>;

/** Locks sealed conversations to purge them; those that somebody else is at are left out. */
export async function lockToPurge(tx: Tx, scope: Scope, ids: readonly string[]): Promise<Locked> {
  return new Map((await lockSealed(tx, scope, ids)).map((row) => [row.id, row]));
}

/**
 * Lets go of parts of conversations that are locked. Gives the keys of blobs for `removeReleased`
 * after the commit.
 */
export async function purge(
  tx: Tx,
  secrets: Secrets,
  scope: Scope,
  locked: Locked,
  parts: ReadonlyMap<string, Parts>,
  now: number,
): Promise<string[]> {
  const erased = [];
  const thinned: Thinned[] = [];
  for (const [id, part] of parts) {
    const found = locked.get(id);
    if (!found) throw new Error('only what is locked is purged');
    const header = headerOf(found.head);
    if (part.record) {
      erased.push(header);
      continue;
    }
    const purged = {
      ...header.purged,
      ...(part.transcript && { transcript: now }),
      ...(part.recordings && { recordings: now }),
      ...(part.logs && { logs: now }),
    };
    thinned.push({ id, head: renderHead({ ...header, purged }), isWithout: part });
  }
  if (thinned.length > 0) {
    await thinConversations(tx, scope, thinned);
    const purged = thinned.map(({ id, isWithout }) => ({
      id,
      parts: NAMES.flatMap(([key, name]) => (isWithout[key] ? name : [])),
    }));
    await addPartTombstones(tx, secrets, scope.businessId, purged, now);
    await thinSpans(tx, scope, thinned);
  }
  if (erased.length > 0) {
    const ids = erased.map(({ id }) => id);
    await eraseConversations(tx, secrets, scope, ids, now);
    const deltas = erased.flatMap((header) => countDeltas(header, null));
    await CONVERSATION_COUNTS.append(tx, scope.businessId, { id: '', deltas });
    const queueIds = erased.map(({ queueId }) => queueId);
    await tellQueue(tx, scope, queueIds);
  }
  const deeds = [...parts].map(([id, part]) => ({
    ...({ action: 'ConversationPurged', kind: 'Conversation', id, isErased: part.record } as const),
    details: {
      Parts: part.record ? ['Record'] : NAMES.flatMap(([key, name]) => (part[key] ? name : [])),
    },
  }));
  await audit(tx, { secrets }, scope, now, ...deeds);
  const withRecordings = [...parts].filter(([, { record, recordings }]) => record || recordings);
  const ids = withRecordings.map(([id]) => id);
  return ids.length === 0 ? [] : releaseRecordings(tx, scope, ids, 'none', now);
}
