import { forEachFound, forEachWithRedaction } from '../access/businesses/for-each-business.ts';
import { findRedaction } from '../access/businesses/redaction-store.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import { hasFfmpeg } from '../recordings/audio/decoding/ffmpeg.ts';
import type { NamedBlob } from '../recordings/derived/decode.ts';
import { addMissingMuteJobs, MUTE_RECORDING } from '../recordings/derived/muted-store.ts';
import {
  addMissingPeaksJobs,
  MAKE_PEAKS,
  WITHOUT_PEAKS,
} from '../recordings/derived/peaks-store.ts';
import { mutedFor } from '../redaction/mask.ts';
import type { ConversationContext } from './handlers.ts';
import { muteRecording } from './masking/mute.ts';
import { reopenSearch, searchBackfill } from './masking/search-sealed.ts';
import { describeRecording } from './read/peaks.ts';
import { pausesBackfill, remeasureBackfill } from './remeasure-recordings.ts';
import { convertEarlierDeletions, WITH_EARLIER_DELETIONS } from './store.ts';
import { countStoredRecordings, countStoredTranscripts } from './usage/count-stored.ts';
import { endNamed } from './write/end-failed.ts';
import { END_CONVERSATION, type NamedConversation } from './write/queue-links-store.ts';
import { endAbandoned, sealEnded, sealedBefore, silentSince } from './write/seal.ts';
import { WITH_ENDED, WITH_SILENT } from './write/sealed-store.ts';

/** An upload adds its own job; the minute job is for uploads whose own job failed. */
const PEAKS_AFTER_MILLISECONDS = 10 * 60_000;
const peaksBefore = ({ clock }: Pick<ConversationContext, 'clock'>) =>
  clock.now() - PEAKS_AFTER_MILLISECONDS;

export const conversationJobs = (ctx: ConversationContext): RoomJobs => ({
  minute: {
    'seal-ended': forEachFound(
      ctx,
      WITH_ENDED,
      (scope) => sealEnded(ctx, scope),
      () => sealedBefore(ctx),
    ),
    'find-spans': forEachWithRedaction(ctx, (scope) => reopenSearch(ctx.db, scope)),
    'end-abandoned': forEachFound(
      ctx,
      WITH_SILENT,
      (scope) => endAbandoned(ctx, scope),
      () => silentSince(ctx),
    ),
    'forget-erased': forEachFound(ctx, WITH_EARLIER_DELETIONS, async (scope) => {
      while (await ctx.db.transaction((tx) => convertEarlierDeletions(tx, ctx.secrets, scope)));
    }),
    'find-peaks': forEachFound(
      ctx,
      WITHOUT_PEAKS,
      async (scope) => {
        const hasDecoder = await hasFfmpeg(ctx.config.searchPath);
        await addMissingPeaksJobs(ctx.db, scope, peaksBefore(ctx), hasDecoder);
      },
      () => peaksBefore(ctx),
    ),
    'find-unsilenced': forEachWithRedaction(ctx, async (scope) => {
      const { categories, country } = await findRedaction(ctx.db, scope);
      const wish = mutedFor(categories, country);
      const hasDecoder = await hasFfmpeg(ctx.config.searchPath);
      await addMissingMuteJobs(ctx.db, scope, wish, hasDecoder);
    }),
  },
  named: {
    [END_CONVERSATION]: (payload) => endNamed(ctx, payload as NamedConversation),
    [MUTE_RECORDING]: (payload) => muteRecording(ctx, payload as NamedBlob),
    [MAKE_PEAKS]: (payload) => describeRecording(ctx, payload as NamedBlob),
  },
  backfills: [
    searchBackfill(ctx),
    remeasureBackfill(ctx),
    pausesBackfill(ctx),
    countStoredTranscripts(ctx),
    countStoredRecordings,
  ],
});
