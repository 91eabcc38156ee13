import { auditHandlers } from './access/audit/handlers.ts';
import type { Authorizer } from './access/authorization/authorizer.ts';
import { forEachFound } from './access/businesses/for-each-business.ts';
import { accessHandlers } from './access/handlers.ts';
import { accessJobs } from './access/jobs.ts';
import { signInHandlers } from './access/sign-in/handlers.ts';
import type { Sessions } from './access/sign-in/sessions.ts';
import { analyticsHandlers } from './analytics/handlers.ts';
import { usageHandlers } from './analytics/usage.ts';
import { backupHandlers } from './backup/handlers.ts';
import { changeJobs } from './changes/jobs.ts';
import type { AssemblyRequests } from './connectors/assembly/request.ts';
import { connectorHandlers } from './connectors/handlers.ts';
import { connectorJobs } from './connectors/jobs.ts';
import type { ConnectorMetrics } from './connectors/metrics.ts';
import { type ConversationContext, conversationHandlers } from './conversations/handlers.ts';
import { conversationJobs } from './conversations/jobs.ts';
import { CONVERSATION_COUNTS } from './conversations/model/counts.ts';
import { USAGE_COUNTS } from './conversations/usage/usage-counts.ts';
import type { CountedTables } from './counters/counts.ts';
import type { Backfill, Backfills } from './kernel/jobs/backfill.ts';
import { businessesWith } from './kernel/jobs/businesses-with.ts';
import type { MinuteJobs, NamedJobs } from './kernel/jobs/jobs.ts';
import type { RoomJobs } from './kernel/jobs/room-jobs.ts';
import type { Notifier } from './kernel/postgres/notifier.ts';
import { maintenanceHandlers } from './maintenance/handlers.ts';
import { INBOUND_COUNTS, OUTBOUND_COUNTS } from './queues/calls/counts.ts';
import { queueHandlers } from './queues/handlers.ts';
import { queueJobs } from './queues/jobs.ts';
import { recordingHandlers } from './recordings/handlers.ts';
import { recordingJobs } from './recordings/jobs.ts';
import { retentionHandlers } from './retention/handlers.ts';
import { retentionJobs } from './retention/jobs.ts';
import { streamHandlers } from './streams/handlers.ts';
import type { Streams } from './streams/streams.ts';
import { webhookHandlers } from './webhooks/handlers.ts';
import { webhookJobs } from './webhooks/jobs.ts';

export type RoomContext = ConversationContext & {
  readonly notifier: Notifier;
  readonly streams: Streams;
  readonly assembly: AssemblyRequests;
  readonly connectorMetrics: ConnectorMetrics;
};

/** The counts that rooms maintain; deltas are rolled up every minute and at the end of a process. */
export const COUNTED_TABLES: CountedTables = {
  ofChanges: [CONVERSATION_COUNTS, OUTBOUND_COUNTS, INBOUND_COUNTS],
  ofUsage: USAGE_COUNTS,
};

const WITH_DELTAS = businessesWith(
  'counts.businesses-with-deltas',
  { table: 'conversation_count_deltas' },
  { table: 'outbound_count_deltas' },
  { table: 'inbound_count_deltas' },
  { table: 'usage_deltas' },
);

export const roomHandlers = (
  ctx: RoomContext & { publicUrl(): string },
  authorizer: Authorizer,
  sessions: Sessions,
  backfills: Backfills,
) => ({
  ...accessHandlers(ctx, authorizer),
  ...signInHandlers(ctx, authorizer, sessions),
  ...auditHandlers(ctx, authorizer),
  ...conversationHandlers(ctx),
  ...streamHandlers(ctx),
  ...recordingHandlers(ctx),
  ...queueHandlers(ctx),
  ...retentionHandlers(ctx),
  ...analyticsHandlers(ctx),
  ...usageHandlers(ctx),
  ...backupHandlers(ctx),
  ...webhookHandlers(ctx),
  ...connectorHandlers(ctx),
  ...maintenanceHandlers(backfills),
});

const roomJobs = (ctx: RoomContext): readonly RoomJobs[] => [
  accessJobs(ctx),
  recordingJobs(ctx),
  changeJobs(ctx),
  conversationJobs(ctx),
  queueJobs(ctx),
  retentionJobs(ctx),
  webhookJobs(ctx),
  connectorJobs(ctx),
];

/** The jobs of every minute; each is safe to repeat. */
export function minuteJobs(ctx: RoomContext): MinuteJobs {
  return Object.assign(
    {
      'fold-counts': forEachFound(ctx, WITH_DELTAS, async ({ businessId }) => {
        const { ofChanges, ofUsage } = COUNTED_TABLES;
        for (const table of [...ofChanges, ofUsage]) await table.rollUp(ctx.db, businessId);
      }),
      'write-ledger': () => ctx.ledger.writeFound(),
    },
    ...roomJobs(ctx).map(({ minute }) => minute),
  );
}

export const namedJobs = (ctx: RoomContext): NamedJobs =>
  Object.assign({}, ...roomJobs(ctx).map(({ named }) => named));

export const roomBackfills = (ctx: RoomContext): readonly Backfill[] =>
  roomJobs(ctx).flatMap(({ backfills = [] }) => backfills);
