import type { Scope } from '../../access/authorization/scope.ts';
import type { FoundRows, Position } from '../../kernel/page.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import { type Filter, planPage, type RowKey, SHAPES, type Shape } from './list-plan.ts';
import { listText, parametersOf, SEPARATOR } from './list-text.ts';

export interface PageRow extends RowKey {
  readonly head: string;
  readonly recordings: string | null;
}

interface ListRow {
  readonly total: number;
  /** Each key is an id, a space and a start time; null if there are no rows. */
  readonly keys: string | null;
  readonly heads: string;
  readonly recordings: string;
}

type RequestRows = ReturnType<typeof planPage>['rows'];

const LIST_BATCHES = { most: 8, atOnce: 1 };

function createListBatcher(shape: Shape) {
  const parameters = parametersOf(shape);
  const list = statement(`conversations.list-${nameOf(shape)}`, listText(shape, parameters));
  return createBatcher(LIST_BATCHES, async (db, businessId, requests: readonly RequestRows[]) => {
    const ofRequests = <Row>(rowsOf: (request: RequestRows) => readonly Row[]) =>
      requests.flatMap((request, at) => rowsOf(request).map((row) => ({ at: at + 1, ...row })));
    const values = parameters.toValues({
      businessId,
      requests: requests.map(({ request }) => request),
      branches: ofRequests(({ branches }) => branches),
      buckets: ofRequests(({ buckets }) => buckets),
      edges: ofRequests(({ edges }) => edges),
    });
    return (await db.rows<ListRow>(list, values)).map((row) => decodePage(row, shape));
  });
}

function decodePage({ total, keys, ...row }: ListRow, { direction }: Shape): FoundRows<PageRow> {
  if (keys === null) return { rows: [], totalCount: total };
  const heads = row.heads.split(SEPARATOR);
  const recordings = row.recordings.split(SEPARATOR);
  const rows = keys.split(SEPARATOR).map((key, at) => {
    const space = key.indexOf(' ');
    return {
      id: key.slice(0, space),
      startTime: key.slice(space + 1),
      head: heads[at] ?? '',
      recordings: recordings[at] || null,
    };
  });
  return { rows: direction === 'forward' ? rows : rows.reverse(), totalCount: total };
}

const nameOf = ({ path, branches, direction, range }: Shape) =>
  `${path}-${branches}-${direction}-${range}`;
const LISTS = new Map(SHAPES.map((shape) => [nameOf(shape), createListBatcher(shape)]));

/** Newest first, with the exact count of all matches. */
export async function findPage(db: Db, scope: Scope, filter: Filter, position: Position<RowKey>) {
  const { shape, rows } = planPage(filter, position);
  const find = LISTS.get(nameOf(shape));
  if (!find) throw new Error(`no list of ${nameOf(shape)}`);
  return find(db, scope.businessId, rows);
}

export async function countConversations(db: Db, scope: Scope, filter: Filter): Promise<number> {
  const first = { beside: null, direction: 'forward', limit: 1 } as const;
  return (await findPage(db, scope, filter, first)).totalCount;
}
