import { Fault } from '../fault.ts';
import { type Database, type Statement, statement } from '../postgres/database.ts';

const PAGE_SIZE = 200;
const CONCURRENT = 8;
const PAGE = statement(
  'citus.page-businesses',
  `SELECT business_id AS "businessId" FROM businesses WHERE business_id > $1
   ORDER BY business_id LIMIT ${PAGE_SIZE}`,
);

interface Question {
  /** The businesses with such rows, as `businessId`. */
  readonly across: Statement;
  /** Whether the business $1 has such rows, as `has`. Further values follow in both statements. */
  readonly ofOne: Statement;
}

interface Found {
  readonly businessId: number;
}

/**
 * Finds businesses for background work. On a cluster, a statement over all businesses would fail if
 * any node is down, so there each call asks the next page of businesses.
 */
export function businessFinder({ across, ofOne }: Question) {
  const findInNextPage = pagedFinder(ofOne);
  return async (db: Database, ...values: readonly unknown[]): Promise<number[]> =>
    (await db.isDistributed())
      ? findInNextPage(db, ...values)
      : idsOf(await db.rows<Found>(across, values));
}

/**
 * Each call asks a page of businesses, each in a statement of its own, and leaves out the businesses
 * of a lost node; the next call asks the next page.
 */
export function pagedFinder(ofOne: Question['ofOne']) {
  const lastAsked = new WeakMap<Database, number>();
  return async (db: Database, ...values: readonly unknown[]): Promise<number[]> => {
    const page = idsOf(await db.rows<Found>(PAGE, [lastAsked.get(db) ?? 0]));
    const next = page.length < PAGE_SIZE ? 0 : (page.at(-1) ?? 0);
    const found: number[] = [];
    const ask = async () => {
      for (let id = page.shift(); id !== undefined; id = page.shift()) {
        if (await hasRows(db, ofOne, [id, ...values])) found.push(id);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, ask));
    lastAsked.set(db, next);
    return found;
  };
}

async function hasRows(db: Database, ofOne: Statement, values: readonly unknown[]) {
  try {
    return (await db.row<{ has: boolean }>(ofOne, values))?.has === true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'UNAVAILABLE') return false;
    throw error;
  }
}

const idsOf = (rows: readonly Found[]) => rows.map(({ businessId }) => businessId);
