import type { AudioBody } from '../../access/authorization/call.ts';
import { holds, type Scope } from '../../access/authorization/scope.ts';
import type { Committed } from '../../changes/log.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import { receiveRecording } from '../../recordings/storage/receive.ts';
import {
  claimRecording,
  discardUpload,
  findRecordings,
  type ReceivedRecording,
  removeReleased,
} from '../../recordings/storage/store.ts';
import { idHash } from '../../tombstones/tombstone-store.ts';
import { refuseHeld } from '../erasure/held.ts';
import { headerOf } from '../from-wire.ts';
import { maskingOf, participantOfToken } from '../masking/masked.ts';
import { participantIds } from '../model/conversation.ts';
import { copyOf } from '../model/document.ts';
import { findCurrentId } from '../read/former-ids.ts';
import { findHead } from '../read/head-store.ts';
import { type DbAndSecrets, requirePresent } from '../read/read.ts';
import { setRecordings } from '../store.ts';
import type { Admission, QuotaGuard } from '../usage/quotas.ts';
import { commit } from './commit.ts';
import { noteLiveAudio } from './note-live-audio.ts';
import { findLastHeard } from './queue-links-store.ts';

const CONVERSATIONS = 'Conversations.ConversationPermissions';
const MAX_BYTES = 1024 * 1024 * 1024;

type Used = 'db' | 'blobs' | 'clock' | 'log' | 'secrets' | 'audioThreads' | 'share';

export interface RecordingUpload {
  readonly id: string;
  readonly participantId: string;
  readonly startTime: number | null;
  readonly audio: AudioBody;
}

/** New bytes are stored before the conversation names them; old ones are deleted after the commit. */
export async function putRecording(
  ctx: Pick<Context, Used> & { readonly committed: Committed; readonly quotas: QuotaGuard },
  scope: Scope,
  { id, participantId, startTime, audio }: RecordingUpload,
): Promise<{ created: boolean; received: ReceivedRecording }> {
  // Checked before the upload, and again after it.
  const requireHead = async (db: Db, lock: 'lock' | 'no lock') =>
    requirePresent({ ...ctx, db }, scope, id, await findHead(db, scope, id, lock));
  const participant = async (db: Db, { head }: { readonly head: string }) =>
    requireParticipant({ ...ctx, db }, scope, { id, participantId, head });
  const found = await participant(ctx.db, await requireHead(ctx.db, 'no lock'));
  const isExempt = () => isOverQuotaAllowed(ctx.db, scope, id, found.own);
  const refusal = await ctx.quotas.refuseRecording(scope, audio.length ?? 0);
  if (refusal && !(await isExempt())) throw refusal;
  const isOfCall = found.header.queueId !== null;
  const bytes = isOfCall ? noteLiveAudio(ctx, scope, id, audio.bytes) : audio.bytes;
  const conversationHash = idHash(ctx.secrets, scope.businessId, 'conversation', id);
  const source = { ...audio, bytes, conversationHash };
  const upload = await receiveRecording(ctx, scope, source, MAX_BYTES);
  const received = { ...upload, startTime };
  let admission: Admission | null = null;
  try {
    admission = await ctx.quotas.admitRecording(scope, received.bytes);
    if (admission.refusal && !(await isExempt())) throw admission.refusal;
    const { created, released } = await ctx.db.transaction(async (tx) => {
      const stored = await requireHead(tx, 'lock');
      const { header, own } = await participant(tx, stored);
      const recordings = await findRecordings(tx, scope, id);
      const before = recordings.find((recording) => recording.participantId === own);
      const isSame = before?.sha256 === received.sha256 && before.startTime === startTime;
      if (isSame) return { created: false, released: null };
      refuseWithoutPermission(scope, before !== undefined);
      if (before) await refuseHeld(tx, scope, header);
      const now = ctx.clock.now();
      const claimed = { ...received, participantId: own, uploadedAt: now };
      const { replaced } = await claimRecording(tx, scope, id, claimed);
      const copies = await findRecordings(tx, scope, id);
      await setRecordings(tx, scope, id, copies.map(copyOf));
      const { blobKey, bytes } = received;
      const put = {
        blobKey,
        bytes,
        isMixed: own === '_mixed',
        isReplaced: before !== undefined,
        replacedBytes: replaced?.bytes ?? 0,
      };
      const reason = { type: 'RecordingPut', recording: put } as const;
      await commit(tx, ctx, { ...scope, now }, [{ reason, before: header, after: header }]);
      return { created: !before, released: replaced?.keys ?? [] };
    });
    if (!created) admission.cancel();
    ctx.committed(scope, { hasUsage: true });
    if (released === null) await discardUpload(ctx, scope, received);
    else await removeReleased(ctx, scope, released);
    return { created, received };
  } catch (error) {
    admission?.cancel();
    // Claimed bytes stay, even if the outcome of the commit is unknown.
    await discardUpload(ctx, scope, received);
    throw error;
  }
}

/** True for recordings of conversations that are live, and for repeats and replacements. */
async function isOverQuotaAllowed(
  db: Db,
  scope: Scope,
  id: string,
  participantId: string,
): Promise<boolean> {
  if ((await findLastHeard(db, scope, [id])).has(id)) return true;
  const recordings = await findRecordings(db, scope, id);
  return recordings.some((recording) => recording.participantId === participantId);
}

type Named = Pick<RecordingUpload, 'id' | 'participantId'> & { readonly head: string };

/** Returns the header and the participant's own id. NOT_FOUND. */
async function requireParticipant(
  ctx: DbAndSecrets,
  scope: Scope,
  { id, participantId, head }: Named,
) {
  const header = headerOf(head);
  const present = [...participantIds(header), '_mixed'];
  const named = participantOfToken(maskingOf(ctx.secrets, scope), participantId, present);
  const own = await findCurrentId(ctx, scope, id, { id: named, present });
  if (!present.includes(own)) {
    throw new Fault(
      'NOT_FOUND',
      `There is no participant ${participantId} in this conversation; give a ClientId, an AgentId or _mixed.`,
    );
  }
  return { header, own };
}

function refuseWithoutPermission(scope: Scope, replaces: boolean): void {
  if (replaces && !holds(scope.permissions, CONVERSATIONS, 'Editing')) {
    const message = 'There is already another recording, and the key may not replace it.';
    throw new Fault('CONFLICT', message);
  }
  if (!replaces && !holds(scope.permissions, CONVERSATIONS, 'Adding')) {
    throw new Fault('PERMISSION_DENIED', 'The key may replace recordings but not add any.');
  }
}
