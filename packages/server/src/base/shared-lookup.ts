import type { Db, Statement } from './db.ts';

/** Rows that one answer of the database may hold: each may be a transcript of 16 MiB. */
const ROWS = 8;

interface Lookup<Row> {
  readonly id: string;
  readonly found: (row: Row | undefined) => void;
  readonly failed: (error: unknown) => void;
}

export type FindRow<Row> = (db: Db, businessId: number, id: string) => Promise<Row | undefined>;

/**
 * Finds rows by business and id. Look-ups that are made in one turn of the event loop share their
 * statement, which with 16 requests at once takes half of the time off a read of 7 KB. The statement
 * gets a business and an array of ids, and gives each row with its `id`.
 */
export function sharedLookup<Row extends { readonly id: string }>(
  statement: Statement,
): FindRow<Row> {
  let waiting = new Map<Db, Map<number, Lookup<Row>[]>>();

  function askAll(): void {
    const asked = waiting;
    waiting = new Map();
    for (const [db, byBusiness] of asked) {
      for (const [businessId, lookups] of byBusiness) {
        for (let first = 0; first < lookups.length; first += ROWS) {
          ask(db, businessId, lookups.slice(first, first + ROWS));
        }
      }
    }
  }

  function ask(db: Db, businessId: number, lookups: readonly Lookup<Row>[]): void {
    db.rows<Row>(statement, [businessId, lookups.map(({ id }) => id)]).then(
      (rows) => {
        const byId = new Map(rows.map((row) => [row.id, row]));
        for (const { id, found } of lookups) found(byId.get(id));
      },
      (error: unknown) => {
        for (const { failed } of lookups) failed(error);
      },
    );
  }

  return (db, businessId, id) =>
    new Promise((found, failed) => {
      if (waiting.size === 0) setImmediate(askAll);
      const byBusiness = waiting.get(db) ?? new Map<number, Lookup<Row>[]>();
      waiting.set(db, byBusiness);
      const lookups = byBusiness.get(businessId);
      if (lookups) lookups.push({ id, found, failed });
      else byBusiness.set(businessId, [{ id, found, failed }]);
    });
}
