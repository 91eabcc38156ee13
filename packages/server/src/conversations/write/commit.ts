import type { AuditAction } from '@colloquy/wire';
import type { AuditEvent } from '../../access/audit/entry.ts';
import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { type Change, erasedSubject } from '../../changes/change.ts';
import { addChanges, forgetDeliveredTexts } from '../../changes/pending-store.ts';
import type { Context } from '../../context.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { deleteMutedCopies } from '../../recordings/derived/muted-store.ts';
import { type Released, releaseRecordings } from '../../recordings/storage/store.ts';
import { detectorOf } from '../../redaction/detection/detect.ts';
import { putFound } from '../../redaction/store.ts';
import { idHash } from '../../tombstones/tombstone-store.ts';
import { remakeMutedCopies, requestMutedCopies } from '../masking/mute.ts';
import { participantIds } from '../model/conversation.ts';
import { CONVERSATION_COUNTS, countDeltas } from '../model/counts.ts';
import { deleteConversationRows, forgetRaw } from '../store.ts';
import type { ConversationChange } from './conversation-change.ts';
import { bytesBefore, noteUsage } from './note-usage.ts';
import { addQueueJobs } from './queue-links-store.ts';
import { deleteSealedRow, noteSearched, putSealedRow } from './sealed-store.ts';

interface Committing extends Scope {
  readonly now: number;
}

/**
 * Writes what follows from changes of conversations, in their transaction: counts, audit events, the
 * change log, sealed rows with spans, jobs of queues, tombstones, usage, and released recordings, whose
 * keys it returns for `removeReleased`. The statement of appends does the same for its rows.
 */
export async function commit(
  tx: Tx,
  ctx: Pick<Context, 'secrets'>,
  scope: Committing,
  changes: readonly ConversationChange[],
): Promise<string[]> {
  const before = await bytesBefore(tx, scope, changes);
  const deleted = changes.flatMap(({ before, after }) => (before && !after ? [before.id] : []));
  if (deleted.length > 0) {
    const removal = { ids: deleted, erasedAt: scope.now };
    await deleteConversationRows(tx, ctx.secrets, scope, removal);
  }
  const after = new Map<string, number>();
  for (const change of changes) {
    const bytes = await noteSealed(tx, scope, change);
    if (bytes !== null) after.set(idOf(change), bytes);
  }
  const deltas = changes.flatMap(({ before, after }) => countDeltas(before, after));
  await CONVERSATION_COUNTS.append(tx, scope.businessId, deltas);
  await audit(tx, ctx, scope, ...changes.flatMap(auditEventOf));
  await addQueueJobs(tx, scope, changes.flatMap(queueIdsOf));
  const edited = changes.filter(({ reason }) => reason.type === 'Edited').map(idOf);
  const hashes = edited.map((id) => idHash(ctx.secrets, scope.businessId, 'conversation', id));
  await forgetDeliveredTexts(tx, scope, hashes);
  await forgetRaw(tx, scope, changes.filter(removesTexts).map(idOf));
  await addChanges(
    tx,
    scope,
    scope.now,
    changes.map((change) => loggedOf(ctx.secrets, change)),
  );
  const released = [await releaseOfDeleted(tx, scope, changes)];
  for (const change of changes) released.push(await releaseOfReplaced(tx, scope, change));
  const releasedBytes = released.reduce((sum, { bytes }) => sum + bytes, 0);
  await noteUsage(tx, scope, changes, { before, after, releasedBytes });
  return released.flatMap(({ keys }) => keys);
}

/** Returns the bytes of a transcript that is sealed or rewritten. */
async function noteSealed(
  tx: Tx,
  scope: Scope,
  { reason, after, sealed }: ConversationChange,
): Promise<number | null> {
  if (!after) return null;
  if (!sealed) {
    const isReopened = reason.type === 'Replaced' && reason.wasSealed;
    if (isReopened) await deleteSealedRow(tx, scope, after.id);
    return null;
  }
  const bytes = await putSealedRow(tx, scope, { header: after, ...sealed });
  const { found } = sealed;
  if (!found) return bytes;
  const detector = detectorOf(scope.redactionCountry);
  await putFound(tx, scope, after.id, { detector, texts: found, added: 'drop' });
  await noteSearched(tx, scope, after.id, detector);
  return bytes;
}

const idOf = ({ before, after }: ConversationChange): string => {
  const id = (after ?? before)?.id;
  if (id === undefined) throw new Error('a change of no conversation');
  return id;
};

function removesTexts({ reason }: ConversationChange): boolean {
  if (reason.type === 'Edited') return true;
  if (reason.type !== 'Purged') return false;
  return reason.parts.includes('Transcript') || reason.parts.includes('Logs');
}

function auditEventOf(change: ConversationChange): AuditEvent[] {
  const id = idOf(change);
  const event = (action: AuditAction, details?: AuditEvent['details']): AuditEvent[] => [
    {
      action,
      kind: 'Conversation',
      id,
      isErased: change.after === null,
      ...(details && { details }),
    },
  ];
  const { reason, after } = change;
  switch (reason.type) {
    case 'Added':
      return event('ConversationCreated', after ? { Status: after.status } : {});
    case 'Replaced':
      return event('ConversationReplaced', after ? { Status: after.status } : {});
    case 'Erased':
      return event('ConversationErased');
    case 'Purged':
      return event('ConversationPurged', {
        Parts: reason.parts === 'record' ? ['Record'] : reason.parts,
      });
    case 'RecordingPut': {
      // Without the participant, whose id may be a phone number.
      const { isMixed, bytes, isReplaced } = reason.recording;
      const Kind = isMixed ? 'Mixed' : 'Participant';
      return event('RecordingPut', { Kind, Bytes: bytes, IsReplaced: isReplaced });
    }
    default:
      return [];
  }
}

/** Queue entries look at the state of the conversations that name them. */
function queueIdsOf({ before, after }: ConversationChange): (string | null)[] {
  const keys = ['queueId', 'status', 'endType', 'startTime'] as const;
  const isSame = before && after && keys.every((key) => before[key] === after[key]);
  return isSame ? [] : [before?.queueId ?? null, after?.queueId ?? null];
}

const KINDS = {
  Added: 'ConversationAdded',
  Copied: 'ConversationAdded',
  Replaced: 'ConversationReplaced',
  Sealed: 'ConversationSealed',
  Edited: 'ConversationEdited',
  Erased: 'ConversationErased',
  ErasedWithPerson: 'ConversationErased',
  Purged: 'ConversationPurged',
  RecordingPut: 'RecordingReady',
} as const;

function loggedOf(secrets: Context['secrets'], change: ConversationChange): Change {
  const { reason, after } = change;
  const id = idOf(change);
  if (after === null) {
    return { kind: 'ConversationErased', subjectId: erasedSubject(secrets, id) };
  }
  const logged = { kind: KINDS[reason.type], subjectId: id };
  if (reason.type === 'Copied') return { ...logged, details: { IsCopy: true } };
  if (reason.type === 'Added' || reason.type === 'Replaced') {
    return { ...logged, details: endOf(change) };
  }
  if (reason.type === 'Purged') return { ...logged, details: { Parts: reason.parts } };
  if (reason.type === 'Sealed') {
    return Object.keys(reason.arrival).length > 0 ? { ...logged, details: reason.arrival } : logged;
  }
  if (reason.type === 'RecordingPut') {
    return { ...logged, details: { BlobKey: reason.recording.blobKey } };
  }
  return logged;
}

/** What a conversation that is written whole has reached, and what it was. */
function endOf({ reason, before, after, sealed }: ConversationChange) {
  const wasSealed = reason.type === 'Replaced' && reason.wasSealed;
  const hasEnded = after?.endTime != null && before?.endTime == null;
  return {
    ...(hasEnded && { HasEnded: true }),
    ...(sealed && { IsSealed: true }),
    ...(wasSealed && { WasSealed: true }),
  };
}

const NOTHING: Released = { keys: [], bytes: 0 };

async function releaseOfDeleted(
  tx: Tx,
  scope: Committing,
  changes: readonly ConversationChange[],
): Promise<Released> {
  const without = changes.filter(({ after, reason }) => {
    if (after === null) return true;
    return reason.type === 'Purged' && reason.parts.includes('Recordings');
  });
  if (without.length === 0) return NOTHING;
  return releaseRecordings(tx, scope, without.map(idOf), { kept: 'none', now: scope.now });
}

/** Recordings of remaining participants stay; copies that were muted for masked readers do not. */
async function releaseOfReplaced(
  tx: Tx,
  scope: Committing,
  { reason, after, sealed }: ConversationChange,
): Promise<Released> {
  if (!after) return NOTHING;
  const { id } = after;
  const { now } = scope;
  if (reason.type === 'Edited') {
    return { keys: await remakeMutedCopies(tx, scope, id, now), bytes: 0 };
  }
  if (reason.type === 'RecordingPut') await requestMutedCopies(tx, scope, id);
  if (reason.type !== 'Replaced') return NOTHING;
  const kept = [...participantIds(after), '_mixed'];
  const released = await releaseRecordings(tx, scope, [id], { kept, now });
  const muted = await deleteMutedCopies(tx, scope, id, now);
  if (sealed) await requestMutedCopies(tx, scope, id);
  return { keys: [...released.keys, ...muted], bytes: released.bytes };
}
