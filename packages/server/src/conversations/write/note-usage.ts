import type { Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Header } from '../model/conversation.ts';
import { addUsage, type UsageDelta } from '../usage/usage-counts.ts';
import type { ConversationChange } from './conversation-change.ts';
import { findCountedBytes } from './sealed-store.ts';

/** Bytes of sealed transcripts by the id of the conversation; null: stored, but not counted yet. */
type TranscriptBytes = Map<string, number | null>;

function changesSealed({ before, reason }: ConversationChange): boolean {
  if (reason.type === 'Replaced') return reason.wasSealed;
  // `purgedBytes` has those of purged parts.
  if (reason.type === 'Purged') return reason.parts === 'record';
  return before !== null && reason.type !== 'Sealed' && reason.type !== 'RecordingPut';
}

/** Before the rows of sealed conversations change. */
export async function bytesBefore(
  tx: Tx,
  scope: Scope,
  changes: readonly ConversationChange[],
): Promise<TranscriptBytes> {
  const ids = changes.flatMap((change) =>
    changesSealed(change) && change.before ? [change.before.id] : [],
  );
  return ids.length === 0 ? new Map() : findCountedBytes(tx, scope, ids);
}

interface Stored {
  readonly before: TranscriptBytes;
  readonly after: ReadonlyMap<string, number>;
  readonly releasedBytes: number;
}

/** A deleted conversation stays counted; its anonymous copy does not count in addition. */
export async function noteUsage(
  tx: Tx,
  { businessId, now }: Scope & { readonly now: number },
  changes: readonly ConversationChange[],
  { before, after, releasedBytes }: Stored,
): Promise<void> {
  const deltas: UsageDelta[] = [{ at: now, recordingBytesRemoved: releasedBytes }];
  for (const change of changes) {
    const id = (change.after ?? change.before)?.id ?? '';
    const bytes = change.purgedBytes ?? { before: before.get(id), after: after.get(id) ?? 0 };
    deltas.push({ at: now, ...transcriptDelta(change, bytes) }, ...conversationDelta(change));
    if (change.reason.type !== 'RecordingPut') continue;
    const { bytes: added, replacedBytes } = change.reason.recording;
    deltas.push({ at: now, recordingBytesAdded: added, recordingBytesRemoved: replacedBytes });
  }
  await addUsage(tx, businessId, deltas);
}

function conversationDelta({ reason, before, after }: ConversationChange): UsageDelta[] {
  if (after === null && before) return [deltaOf(before, 1)];
  return reason.type === 'Copied' && after ? [deltaOf(after, -1)] : [];
}

const deltaOf = ({ startTime, endTime }: Header, n: number): UsageDelta => ({
  at: startTime,
  conversations: n,
  milliseconds: endTime === null ? 0 : n * (endTime - startTime),
});

/** A change that only takes from a transcript adds nothing. */
function transcriptDelta(
  { reason, after: header }: ConversationChange,
  { before, after }: { readonly before: number | null | undefined; readonly after: number },
): Omit<UsageDelta, 'at'> {
  const removed = before ?? 0;
  const isReduced = ['Edited', 'Purged', 'Copied'].includes(reason.type) && header !== null;
  if (isReduced && before !== null) return { transcriptBytesRemoved: removed - after };
  return { transcriptBytesAdded: after, transcriptBytesRemoved: removed };
}
