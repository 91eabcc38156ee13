import { decodeCursor, encodeCursor } from './cursor.ts';
import { Fault } from './fault.ts';
import type { Secrets } from './secrets.ts';

export interface PageRequest<Filter> {
  readonly limit: number;
  /** Normalized, so equal filters have equal JSON; null if the request has none. */
  readonly filter: Filter | null;
  readonly nextCursor: string | null;
  readonly previousCursor: string | null;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
  readonly previousCursor: string | null;
  readonly totalCount: number;
}

export interface Position<Key> {
  readonly direction: 'forward' | 'backward';
  /** The row next to which the page starts; null: the start of the list. */
  readonly beside: Key | null;
  readonly limit: number;
}

export type FoundRows<Row> = Pick<Page<Row>, 'rows' | 'totalCount'>;

interface PagedList<Filter, Key, Row> {
  readonly audience: string;
  keyOf(row: Row): Key;
  find(filter: Filter, position: Position<Key>): Promise<FoundRows<Row>>;
}

interface CursorContent<Filter, Key> {
  readonly filter: Filter;
  readonly direction: Position<Key>['direction'];
  readonly at: Key | null;
}

/** Returns a page with the exact count of all matching rows. Fault: INVALID_CURSOR. */
export async function readPage<Filter extends object, Key, Row>(
  secrets: Secrets,
  list: PagedList<Filter, Key, Row>,
  request: PageRequest<Filter>,
): Promise<Page<Row>> {
  const cursor = readCursor<Filter, Key>(secrets, list.audience, request);
  const filter = cursor?.filter ?? request.filter ?? ({} as Filter);
  const backward = cursor?.direction === 'backward';
  const { rows, totalCount } = await list.find(filter, {
    direction: backward ? 'backward' : 'forward',
    beside: cursor?.at ?? null,
    limit: request.limit + 1,
  });
  const more = rows.length > request.limit;
  const kept = !more ? rows : backward ? rows.slice(1) : rows.slice(0, -1);
  const besideRow = cursor !== null && cursor.at !== null;
  const hasNext = backward ? besideRow : more;
  const hasPrevious = backward ? more : besideRow;
  const write = (direction: Position<Key>['direction'], row: Row | undefined) => {
    const at = row ? list.keyOf(row) : null;
    const content: CursorContent<Filter, Key> = { filter, direction, at };
    return encodeCursor(secrets, list.audience, content);
  };
  return {
    rows: kept,
    nextCursor: hasNext ? write('forward', kept.at(-1)) : null,
    previousCursor: hasPrevious ? write('backward', kept[0]) : null,
    totalCount,
  };
}

function readCursor<Filter, Key>(
  secrets: Secrets,
  audience: string,
  request: PageRequest<Filter>,
): CursorContent<Filter, Key> | null {
  const { nextCursor, previousCursor } = request;
  if (nextCursor !== null && previousCursor !== null) {
    throw new Fault('INVALID_CURSOR', 'Give NextCursor or PreviousCursor, not both.');
  }
  const text = nextCursor ?? previousCursor;
  if (text === null) return null;
  const cursor = decodeCursor<CursorContent<Filter, Key>>(secrets, audience, text);
  if (cursor.direction !== (nextCursor === null ? 'backward' : 'forward')) {
    const fix = 'A NextCursor goes into NextCursor, a PreviousCursor into PreviousCursor.';
    throw new Fault('INVALID_CURSOR', fix);
  }
  if (request.filter && JSON.stringify(request.filter) !== JSON.stringify(cursor.filter)) {
    throw new Fault(
      'INVALID_CURSOR',
      'The Filter is not the one that the cursor was made with; leave it out, or start again without a cursor.',
    );
  }
  return cursor;
}

export function pageEnd<Row>(page: Page<Row>, limit: number) {
  return {
    NextCursor: page.nextCursor,
    PreviousCursor: page.previousCursor,
    HasNextPage: page.nextCursor !== null,
    HasPreviousPage: page.previousCursor !== null,
    PageSize: limit,
    TotalCount: page.totalCount,
  };
}

interface AscendingList<Row, Key, Item> {
  readonly first: Key;
  read(after: Key, limit: number): Promise<readonly Row[]>;
  keyOf(row: Row): Key;
  toWire(row: Row): Item;
}

/** Returns a page of an ascending list, 50 items by default. Fault: INVALID_CURSOR. */
export async function readAscending<Row, Key, Item>(
  { secrets }: { readonly secrets: Secrets },
  audience: string,
  query: { readonly Limit?: number; readonly NextCursor?: string },
  { first, read, keyOf, toWire }: AscendingList<Row, Key, Item>,
): Promise<{ data: { Items: Item[]; NextCursor: string | null } }> {
  const limit = query.Limit ?? 50;
  const cursor = query.NextCursor ?? null;
  const after = cursor === null ? first : decodeCursor<Key>(secrets, audience, cursor);
  const rows = await read(after, limit + 1);
  const last = rows[limit - 1];
  const hasMore = rows.length > limit && last !== undefined;
  return {
    data: {
      Items: rows.slice(0, limit).map(toWire),
      NextCursor: hasMore ? encodeCursor(secrets, audience, keyOf(last)) : null,
    },
  };
}
