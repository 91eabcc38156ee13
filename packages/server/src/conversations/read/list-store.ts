import type { Scope } from '../../access/authorization/scope.ts';
import type { FoundRows, Position } from '../../kernel/page.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import { startTimeOf } from '../model/document.ts';
import { type Filter, planPage, type RowKey, SHAPES, type Shape } from './list-plan.ts';
import { listText, parametersOf, SEPARATOR } from './list-text.ts';

export interface PageRow {
  readonly id: string;
  readonly head: string;
  readonly recordings: string | null;
}

interface ListRow {
  readonly total: number;
  /** null if there are no rows. */
  readonly ids: string | null;
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

function decodePage({ total, ids, ...row }: ListRow, { direction }: Shape): FoundRows<PageRow> {
  if (ids === null) return { rows: [], totalCount: total };
  const heads = row.heads.split(SEPARATOR);
  const recordings = row.recordings.split(SEPARATOR);
  const rows = ids.split(SEPARATOR).map((id, at) => ({
    id,
    head: heads[at] ?? '',
    recordings: recordings[at] || null,
  }));
  return { rows: direction === 'forward' ? rows : rows.reverse(), totalCount: total };
}

const nameOf = ({ path, branches, direction, range }: Shape) =>
  `${path}-${branches}-${direction}-${range}`;
const LISTS = new Map(SHAPES.map((shape) => [nameOf(shape), createListBatcher(shape)]));

/** PostgreSQL formats no times: only two rows of a page become cursors. */
export const keyOf = ({ id, head }: PageRow): RowKey => ({ startTime: startTimeOf(head), id });

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
