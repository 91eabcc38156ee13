import { systemScope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { StatementBackfill } from '../../kernel/jobs/backfill.ts';
import { countRecordings, listRecordings } from '../../recordings/storage/claims-store.ts';
import { countSealed } from '../write/sealed-store.ts';
import {
  countRecordingBytes,
  countTranscripts,
  lockConversations,
  pageSealed,
} from './uncounted-store.ts';
import { addUsage } from './usage-counts.ts';

/** In the month in which the conversation ended, at most the current one: when it was sealed is not known. */
export const countStoredTranscripts = ({ clock }: Pick<Context, 'clock'>): StatementBackfill => ({
  name: 'count-bytes-of-transcripts',
  firstKey: [''],
  countRows: (db, businessId) => countSealed(db, systemScope(businessId)),
  async runBatch(tx, businessId, [key], limit) {
    const scope = systemScope(businessId);
    const after = String(key);
    const ids = await pageSealed(tx, scope, after, limit);
    const last = ids.at(-1);
    if (last === undefined) return { last: null, rows: 0 };
    await lockConversations(tx, scope, ids);
    const counted = await countTranscripts(tx, scope, after, last);
    const now = clock.now();
    const deltas = counted.map(({ at, bytes }) => {
      return { at: Math.min(at, now), transcriptBytesAdded: bytes };
    });
    await addUsage(tx, businessId, deltas);
    return { last: [last], rows: ids.length };
  },
});

/** In the month in which it was uploaded. */
export const countStoredRecordings: StatementBackfill = {
  name: 'count-bytes-of-recordings',
  firstKey: ['', ''],
  countRows: (db, businessId) => countRecordings(db, systemScope(businessId)),
  async runBatch(tx, businessId, [conversationId, participantId], limit) {
    const scope = systemScope(businessId);
    const after = [String(conversationId), String(participantId)] as const;
    const recordings = await listRecordings(tx, scope, after, limit);
    const end = recordings.at(-1);
    if (!end) return { last: null, rows: 0 };
    const last = [end.conversationId, end.participantId] as const;
    const counted = await countRecordingBytes(tx, scope, after, last);
    const deltas = counted.map(({ at, bytes }) => ({ at, recordingBytesAdded: bytes }));
    await addUsage(tx, businessId, deltas);
    return { last, rows: recordings.length };
  },
};
