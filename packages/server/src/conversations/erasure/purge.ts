import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { releaseRecordings } from '../../recordings/storage/store.ts';
import { purgeSpans } from '../../redaction/store.ts';
import { addPartTombstones, idHash } from '../../tombstones/tombstone-store.ts';
import { headerOf } from '../from-wire.ts';
import { CONVERSATION_COUNTS, countDeltas } from '../model/counts.ts';
import { renderHead } from '../model/document.ts';
import { deleteConversationRows } from '../store.ts';
import { addQueueJobs } from '../write/queue-links-store.ts';
import { lockSealed, type PurgedParts, purgeParts } from '../write/sealed-store.ts';

/** The expired parts; `record` means the whole conversation. */
export type Parts = Readonly<Record<'transcript' | 'logs' | 'recordings' | 'record', boolean>>;

function namesOf({ transcript, logs, recordings }: PurgedParts['isWithout']) {
  const names = [transcript && 'Transcript', logs && 'Logs', recordings && 'Recordings'] as const;
  return names.filter((name) => name !== false);
}

type Locked = ReadonlyMap<string, { readonly head: string }>;

/** Skips rows that another transaction has locked. */
export async function lockToPurge(tx: Tx, scope: Scope, ids: readonly string[]): Promise<Locked> {
  return new Map((await lockSealed(tx, scope, ids)).map((row) => [row.id, row]));
}

interface Purge {
  readonly locked: Locked;
  readonly parts: ReadonlyMap<string, Parts>;
  readonly now: number;
}

/** Returns blob keys for `removeReleased` after the commit. */
export async function purge(
  tx: Tx,
  secrets: Secrets,
  scope: Scope,
  { locked, parts, now }: Purge,
): Promise<string[]> {
  const erased = [];
  const purgedParts: PurgedParts[] = [];
  for (const [id, part] of parts) {
    const found = locked.get(id);
    if (!found) throw new Error('the conversation to purge is not locked');
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
    purgedParts.push({ id, head: renderHead({ ...header, purged }), isWithout: part });
  }
  if (purgedParts.length > 0) {
    await purgeParts(tx, scope, purgedParts);
    const purged = purgedParts.map(({ id, isWithout }) => ({
      idHash: idHash(secrets, scope.businessId, 'conversation', id),
      parts: namesOf(isWithout),
    }));
    await addPartTombstones(tx, scope.businessId, purged, now);
    await purgeSpans(tx, scope, purgedParts);
  }
  if (erased.length > 0) {
    const ids = erased.map(({ id }) => id);
    await deleteConversationRows(tx, secrets, scope, { ids, erasedAt: now });
    const deltas = erased.flatMap((header) => countDeltas(header, null));
    await CONVERSATION_COUNTS.append(tx, scope.businessId, { id: '', deltas });
    const queueIds = erased.map(({ queueId }) => queueId);
    await addQueueJobs(tx, scope, queueIds);
  }
  const events = [...parts].map(([id, part]) => ({
    ...({ action: 'ConversationPurged', kind: 'Conversation', id, isErased: part.record } as const),
    details: { Parts: part.record ? ['Record'] : namesOf(part) },
  }));
  await audit(tx, { secrets }, { ...scope, now }, ...events);
  const withRecordings = [...parts].filter(([, { record, recordings }]) => record || recordings);
  const ids = withRecordings.map(([id]) => id);
  return ids.length === 0 ? [] : releaseRecordings(tx, scope, ids, { kept: 'none', now });
}
