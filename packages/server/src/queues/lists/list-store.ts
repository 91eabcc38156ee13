import type { Scope } from '../../access/authorization/scope.ts';
import type { FoundRows, Position } from '../../kernel/page.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { CallOf, Direction } from '../calls/call.ts';
import { CALL_OF, type CallRows } from '../calls/call-rows.ts';
import {
  type CallKey,
  chooseShape,
  countValues,
  type Filter,
  positionValues,
  SHAPES,
  type Shape,
} from './list-plan.ts';
import { COUNT_PARAMETERS, countText, listText, PAGE_PARAMETERS } from './list-text.ts';

export type ListedCall<D extends Direction> = CallOf<D> & { readonly suspension: string | null };

const nameOf = ({ direction, path, isCounted }: Shape) =>
  `${direction}-${path}${isCounted ? '' : '-looked-up'}`;

function declareStatements(shape: Shape) {
  const name = nameOf(shape);
  const list = (way: Position<CallKey>['direction']) =>
    statement(`queues.list-${name}-${way}`, listText(shape, way));
  return {
    count: statement(`queues.count-${name}`, countText(shape)),
    forward: list('forward'),
    backward: list('backward'),
  };
}

const STATEMENTS = new Map(SHAPES.map((shape) => [nameOf(shape), declareStatements(shape)]));

function statementsOf(shape: Shape) {
  const found = STATEMENTS.get(nameOf(shape));
  if (!found) throw new Error(`no list ${nameOf(shape)}`);
  return found;
}

interface ListQuery<D extends Direction> {
  readonly direction: D;
  readonly filter: Filter;
  readonly now: number;
}

export async function findPage<D extends Direction>(
  db: Db,
  scope: Scope,
  { direction, filter, now }: ListQuery<D>,
  position: Position<CallKey>,
): Promise<FoundRows<ListedCall<D>>> {
  const shape = chooseShape(scope, direction, filter);
  const rows = await db.rows<CallRows[D] & { total: number; suspension: string | null }>(
    statementsOf(shape)[position.direction],
    PAGE_PARAMETERS.toValues({
      ...countValues(scope, shape, filter, now),
      ...positionValues(filter, position),
    }),
  );
  const calls = rows
    .filter(({ id }) => id !== null)
    .map((row) => ({ ...CALL_OF[direction](row), suspension: row.suspension }));
  return {
    rows: position.direction === 'forward' ? calls : calls.reverse(),
    totalCount: rows[0]?.total ?? 0,
  };
}

export async function countCalls(
  db: Db,
  scope: Scope,
  { direction, filter, now }: ListQuery<Direction>,
): Promise<number> {
  const shape = chooseShape(scope, direction, filter);
  const values = COUNT_PARAMETERS.toValues(countValues(scope, shape, filter, now));
  const row = await db.row<{ total: number }>(statementsOf(shape).count, values);
  return row?.total ?? 0;
}
