import type { Call, Handlers } from '../../access/authorization/call.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { maskingOf, refuseGuess } from '../../conversations/masking/masked.ts';
import { type Position, pageEnd, readPage } from '../../kernel/page.ts';
import type { Masking } from '../../redaction/mask.ts';
import type { Direction } from '../calls/call.ts';
import { concealDeferral, maskEntry, noteCalls } from '../calls/masked.ts';
import { inboundFilterFromWire, outboundFilterFromWire } from '../from-wire.ts';
import type { QueueHandlerContext } from '../queue-context.ts';
import { listedToWire } from '../to-wire.ts';
import type { CallKey, Filter } from './list-plan.ts';
import { countCalls, findPage, type ListedCall } from './list-store.ts';

type Names =
  | 'GetOutboundQueues'
  | 'CountOutboundQueues'
  | 'GetInboundQueues'
  | 'CountInboundQueues';

interface ListCall {
  readonly scope: Scope;
  readonly body: Omit<Call<'GetOutboundQueues'>['body'], 'Filter'>;
}

export function listHandlers(ctx: QueueHandlerContext): Handlers<Names> {
  return {
    async GetOutboundQueues(call) {
      const { Filter } = call.body;
      return list(ctx, call, 'outbound', Filter == null ? null : outboundFilterFromWire(Filter));
    },
    async CountOutboundQueues({ scope, body }) {
      return count(ctx, scope, 'outbound', outboundFilterFromWire(body));
    },
    async GetInboundQueues(call) {
      const { Filter } = call.body;
      return list(ctx, call, 'inbound', Filter == null ? null : inboundFilterFromWire(Filter));
    },
    async CountInboundQueues({ scope, body }) {
      return count(ctx, scope, 'inbound', inboundFilterFromWire(body));
    },
  };
}

function refuseNumbers(masking: Masking | null, { numbers }: Filter): void {
  if (numbers) refuseGuess(masking, 'The phone number of a call');
}

async function count(ctx: QueueHandlerContext, scope: Scope, direction: Direction, filter: Filter) {
  refuseNumbers(maskingOf(ctx.secrets, scope), filter);
  return { data: await countCalls(ctx.db, scope, { direction, filter, now: ctx.clock.now() }) };
}

async function list<D extends Direction>(
  ctx: QueueHandlerContext,
  { scope, body }: ListCall,
  direction: D,
  filter: Filter | null,
) {
  const limit = body.Limit ?? 10;
  const now = ctx.clock.now();
  const masking = maskingOf(ctx.secrets, scope);
  // The filter of a cursor may be of a key with more permissions.
  const find = (found: Filter, position: Position<CallKey>) => {
    refuseNumbers(masking, found);
    return findPage(ctx.db, scope, { direction, filter: found, now }, position);
  };
  if (filter) refuseNumbers(masking, filter);
  const page = await readPage(
    ctx.secrets,
    {
      audience: `${direction} calls ${scope.businessId}`,
      keyOf: ({ enqueuedAt, id }: ListedCall<D>) => ({ enqueuedAt, id }),
      find,
    },
    {
      limit,
      filter,
      nextCursor: body.NextCursor ?? null,
      previousCursor: body.PreviousCursor ?? null,
    },
  );
  const operation = direction === 'outbound' ? 'GetOutboundQueues' : 'GetInboundQueues';
  await noteCalls(ctx, scope, operation, page.rows);
  const Items = page.rows.map((call) =>
    maskEntry(listedToWire(direction, concealDeferral(call, masking), now), masking),
  );
  return { data: { Items, ...pageEnd(page, limit) } };
}
