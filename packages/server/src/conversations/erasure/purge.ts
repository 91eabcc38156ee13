import type { Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { purgeSpans } from '../../redaction/store.ts';
import { addPartTombstones, idHash } from '../../tombstones/tombstone-store.ts';
import { headerOf } from '../from-wire.ts';
import { renderHead } from '../model/document.ts';
import { commit } from '../write/commit.ts';
import type { ConversationChange } from '../write/conversation-change.ts';
import {
  lockSealed,
  type PurgedBytes,
  type PurgedParts,
  purgeParts,
} from '../write/sealed-store.ts';

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
  const changes: ConversationChange[] = [];
  const purgedParts: PurgedParts[] = [];
  for (const [id, part] of parts) {
    const found = locked.get(id);
    if (!found) throw new Error('the conversation to purge is not locked');
    const before = headerOf(found.head);
    if (part.record) {
      changes.push({ reason: { type: 'Purged', parts: 'record' }, before, after: null });
      continue;
    }
    const purged = {
      ...before.purged,
      ...(part.transcript && { transcript: now }),
      ...(part.recordings && { recordings: now }),
      ...(part.logs && { logs: now }),
    };
    const { analysis, ...rest } = before;
    // It repeats the transcript.
    const kept = analysis && !part.transcript ? { analysis } : {};
    const after = { ...rest, ...kept, purged };
    changes.push({ reason: { type: 'Purged', parts: namesOf(part) }, before, after });
    purgedParts.push({ id, head: renderHead(after), isWithout: part });
  }
  let bytes: ReadonlyMap<string, PurgedBytes> = new Map();
  if (purgedParts.length > 0) {
    bytes = await purgeParts(tx, scope, purgedParts);
    const purged = purgedParts.map(({ id, isWithout }) => ({
      idHash: idHash(secrets, scope.businessId, 'conversation', id),
      parts: namesOf(isWithout),
    }));
    await addPartTombstones(tx, scope.businessId, purged, now);
    await purgeSpans(tx, scope, purgedParts);
  }
  const withBytes = changes.map((change) => ({
    ...change,
    purgedBytes: bytes.get(change.after?.id ?? ''),
  }));
  return commit(tx, { secrets }, { ...scope, now }, withBytes);
}
