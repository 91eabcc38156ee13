import type { Handlers } from '../access/handler.ts';
import type { Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import { pageEnd, readPage } from '../base/page.ts';
import type { Direction } from './call.ts';
import { inboundFilterFromWire, outboundFilterFromWire } from './from-wire.ts';
import { readHistory, requireCall } from './history.ts';
import { countCalls, type Filter, findPage, type ListedCall } from './list-store.ts';
import { historyToWire, listedToWire } from './to-wire.ts';

type Names =
  | 'GetOutboundQueues'
  | 'CountOutboundQueues'
  | 'GetOutboundQueue'
  | 'GetOutboundQueueHistory'
  | 'GetInboundQueues'
  | 'CountInboundQueues'
  | 'GetInboundQueue';

interface ListBody {
  readonly Limit?: number | null;
  readonly NextCursor?: string | null;
  readonly PreviousCursor?: string | null;
}

export function queueHandlers(ctx: Context): Handlers<Names> {
  async function list<D extends Direction>(
    scope: Scope,
    direction: D,
    body: ListBody,
    filter: Filter | null,
  ) {
    const limit = body.Limit ?? 10;
    const page = await readPage(
      ctx.secrets,
      {
        audience: `${direction} calls ${scope.businessId}`,
        keyOf: ({ enqueuedAt, id }: ListedCall<D>) => ({ enqueuedAt, id }),
        find: (found: Filter, position) => findPage(ctx.db, scope, direction, found, position),
      },
      {
        limit,
        filter,
        nextCursor: body.NextCursor ?? null,
        previousCursor: body.PreviousCursor ?? null,
      },
    );
    const now = ctx.clock.now();
    const Items = page.rows.map((call) => listedToWire(call, now));
    return { data: { Items, ...pageEnd(page, limit) } };
  }
  const one = async (scope: Scope, direction: Direction, id: string) => ({
    data: listedToWire(await requireCall(ctx, scope, direction, id), ctx.clock.now()),
  });

  return {
    async GetOutboundQueues({ scope, body }) {
      const filter = body.Filter == null ? null : outboundFilterFromWire(body.Filter);
      return list(scope, 'outbound', body, filter);
    },
    async CountOutboundQueues({ scope, body }) {
      return { data: await countCalls(ctx.db, scope, 'outbound', outboundFilterFromWire(body)) };
    },
    async GetOutboundQueue({ scope, params }) {
      return one(scope, 'outbound', params.queueId);
    },
    async GetOutboundQueueHistory({ scope, params }) {
      return { data: historyToWire(await readHistory(ctx, scope, params.queueId)) };
    },
    async GetInboundQueues({ scope, body }) {
      const filter = body.Filter == null ? null : inboundFilterFromWire(body.Filter);
      return list(scope, 'inbound', body, filter);
    },
    async CountInboundQueues({ scope, body }) {
      return { data: await countCalls(ctx.db, scope, 'inbound', inboundFilterFromWire(body)) };
    },
    async GetInboundQueue({ scope, params }) {
      return one(scope, 'inbound', params.queueId);
    },
  };
}
