import type { Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import { decodeCursor, encodeCursor } from '../base/cursor.ts';
import { Fault } from '../base/fault.ts';
import { type Filter, findPage, type PageRow, type Position, type RowKey } from './list-store.ts';

export interface ListRequest {
  readonly limit: number;
  readonly filter: Filter | null;
  readonly nextCursor: string | null;
  readonly previousCursor: string | null;
}

export interface Page {
  readonly rows: readonly PageRow[];
  readonly nextCursor: string | null;
  readonly previousCursor: string | null;
  readonly totalCount: number;
}

/** What a cursor holds: its filter, and the row beside which its page begins. */
interface CursorContent {
  readonly filter: Filter;
  readonly direction: Position['direction'];
  /** null: the start of the list, seen in this direction; where no row was left to name. */
  readonly at: RowKey | null;
}

/** A page of the conversations of a business, newest first, with the exact count of all. */
export async function listConversations(
  ctx: Pick<Context, 'db' | 'secrets'>,
  scope: Scope,
  request: ListRequest,
): Promise<Page> {
  const audience = `conversations ${scope.businessId}`;
  const cursor = readCursor(ctx, audience, request);
  const filter = cursor?.filter ?? request.filter ?? {};
  const backward = cursor?.direction === 'backward';
  const { rows, totalCount } = await findPage(ctx.db, scope, filter, {
    direction: backward ? 'backward' : 'forward',
    beside: cursor?.at ?? null,
    // One more than asked for tells whether there is a page after this one.
    limit: request.limit + 1,
  });
  const more = rows.length > request.limit;
  const kept = !more ? rows : backward ? rows.slice(1) : rows.slice(0, -1);
  const besideRow = cursor !== null && cursor.at !== null;
  const hasNext = backward ? besideRow : more;
  const hasPrevious = backward ? more : besideRow;
  const write = (direction: CursorContent['direction'], row: PageRow | undefined) =>
    encodeCursor(ctx.secrets, audience, {
      filter,
      direction,
      at: row ? { startTime: row.startTime, id: row.id } : null,
    } satisfies CursorContent);
  return {
    rows: kept,
    nextCursor: hasNext ? write('forward', kept.at(-1)) : null,
    previousCursor: hasPrevious ? write('backward', kept[0]) : null,
    totalCount,
  };
}

function readCursor(
  ctx: Pick<Context, 'secrets'>,
  audience: string,
  request: ListRequest,
): CursorContent | null {
  const { nextCursor, previousCursor } = request;
  if (nextCursor !== null && previousCursor !== null) {
    throw new Fault('INVALID_CURSOR', 'Give NextCursor or PreviousCursor, not both.');
  }
  const text = nextCursor ?? previousCursor;
  if (text === null) return null;
  const cursor = decodeCursor<CursorContent>(ctx.secrets, audience, text);
  if (cursor.direction !== (nextCursor === null ? 'backward' : 'forward')) {
    throw new Fault(
      'INVALID_CURSOR',
      'A NextCursor goes into NextCursor, a PreviousCursor into PreviousCursor.',
    );
  }
  if (request.filter && JSON.stringify(request.filter) !== JSON.stringify(cursor.filter)) {
    throw new Fault(
      'INVALID_CURSOR',
      'The Filter is not the one that the cursor was made with; leave it out, or start again without a cursor.',
    );
  }
  return cursor;
}
