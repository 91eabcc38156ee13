import { forEachBusiness, forEachWithRedaction } from '../access/businesses/for-each-business.ts';
import { findRedaction } from '../access/businesses/redaction-store.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import { hasFfmpeg } from '../recordings/audio/decoding/ffmpeg.ts';
import type { NamedBlob } from '../recordings/derived/decode.ts';
import { addMissingMuteJobs, MUTE_RECORDING } from '../recordings/derived/muted-store.ts';
import { addMissingPeaksJobs, MAKE_PEAKS } from '../recordings/derived/peaks-store.ts';
import { mutedFor } from '../redaction/mask.ts';
import type { ConversationContext } from './handlers.ts';
import { muteRecording } from './masking/mute.ts';
import { reopenSearch, searchBackfill } from './masking/search-sealed.ts';
import { describeRecording } from './read/peaks.ts';
import { pausesBackfill, remeasureBackfill } from './remeasure-recordings.ts';
import { convertEarlierDeletions } from './store.ts';
import { countStoredRecordings, countStoredTranscripts } from './usage/count-stored.ts';
import { endNamed } from './write/end-failed.ts';
import { END_CONVERSATION, type NamedConversation } from './write/queue-links-store.ts';
import { endAbandoned, sealEnded } from './write/seal.ts';

/** An upload adds its own job; the minute job is for uploads whose own job failed. */
const PEAKS_AFTER_MILLISECONDS = 10 * 60_000;

export const conversationJobs = (ctx: ConversationContext): RoomJobs => ({
  minute: {
    'seal-ended': forEachBusiness(ctx, (scope) => sealEnded(ctx, scope)),
    'find-spans': forEachWithRedaction(ctx, (scope) => reopenSearch(ctx.db, scope)),
    'end-abandoned': forEachBusiness(ctx, (scope) => endAbandoned(ctx, scope)),
    'forget-erased': forEachBusiness(ctx, async (scope) => {
      while (await ctx.db.transaction((tx) => convertEarlierDeletions(tx, ctx.secrets, scope)));
    }),
    'find-peaks': forEachBusiness(ctx, async (scope) => {
      const before = ctx.clock.now() - PEAKS_AFTER_MILLISECONDS;
      const hasDecoder = await hasFfmpeg(ctx.config.searchPath);
      await addMissingPeaksJobs(ctx.db, scope, before, hasDecoder);
    }),
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
