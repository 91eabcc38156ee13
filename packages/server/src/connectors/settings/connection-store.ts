import type { Scope } from '../../access/authorization/scope.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Connection, ShownConnection, UnknownEndReason } from './connection.ts';

type Business = Pick<Scope, 'businessId'>;

const COLUMNS = `c.connection_id AS id, c.source, c.name, c.secrets, c.options,
  c.is_paused AS "isPaused", c.created_at AS "createdAt", c.created_by AS "createdBy"`;
const MAX_SHOWN_REASONS = 100;
const SHOWN = `SELECT ${COLUMNS}, c.erased_deliveries AS "erasedDeliveries", (
    SELECT d.received_at FROM connection_deliveries d
    WHERE d.business_id = $1 AND d.connection_id = c.connection_id
    ORDER BY d.delivery_id DESC LIMIT 1
  ) AS "lastReceivedAt", (
    SELECT json_agg(r) FROM (
      SELECT e.end_reason AS "endReason", e.conversations FROM connection_end_reasons e
      WHERE e.business_id = $1 AND e.connection_id = c.connection_id
      ORDER BY e.conversations DESC, e.end_reason LIMIT ${MAX_SHOWN_REASONS}
    ) r
  ) AS reasons
  FROM connections c`;

type Row = Omit<Connection, 'options'> & { readonly options: string };
type ShownRow = Omit<ShownConnection, 'options' | 'unknownEndReasons'> & {
  readonly options: string;
  readonly reasons: readonly UnknownEndReason[] | null;
};

const connectionOf = <T extends { readonly options: string }>({ options, ...row }: T) => ({
  ...row,
  options: JSON.parse(options) as Connection['options'],
});
const shownOf = ({ reasons, ...row }: ShownRow): ShownConnection => ({
  ...connectionOf(row),
  unknownEndReasons: reasons ?? [],
});

const INSERT = statement(
  'connectors.insert',
  `INSERT INTO connections (business_id, connection_id, source, name, secrets, options, is_paused,
     created_at, created_by)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);

export async function insertConnection(tx: Db, { businessId }: Business, connection: Connection) {
  const { id, source, name, secrets, options, isPaused, createdAt, createdBy } = connection;
  const text = JSON.stringify(options);
  const at = new Date(createdAt).toISOString();
  await tx.rows(INSERT, [businessId, id, source, name, secrets, text, isPaused, at, createdBy]);
}

const UPDATE = statement(
  'connectors.update',
  `UPDATE connections SET name = $3, secrets = $4, options = $5, is_paused = $6
   WHERE business_id = $1 AND connection_id = $2`,
);

export async function updateConnectionRow(
  tx: Db,
  { businessId }: Business,
  { id, name, secrets, options, isPaused }: Connection,
) {
  await tx.rows(UPDATE, [businessId, id, name, secrets, JSON.stringify(options), isPaused]);
}

const LOCK = statement(
  'connectors.lock',
  `SELECT ${COLUMNS} FROM connections c WHERE c.business_id = $1 AND c.connection_id = $2
   FOR NO KEY UPDATE`,
);

/** The row is locked until the transaction ends. */
export async function lockConnection(tx: Db, { businessId }: Business, id: string) {
  const row = await tx.row<Row>(LOCK, [businessId, id]);
  return row && connectionOf(row);
}

const FIND = statement(
  'connectors.find',
  `SELECT ${COLUMNS} FROM connections c
   WHERE c.business_id = $1 AND c.connection_id = ANY($2::text[])`,
);

/** Requests of one turn share a statement. */
export const findConnection = createBatcher(
  { most: 32, atOnce: 2 },
  async (db: Db, businessId, ids: readonly string[]) => {
    const rows = await db.rows<Row>(FIND, [businessId, [...new Set(ids)]]);
    const byId = new Map(rows.map((row): [string, Connection] => [row.id, connectionOf(row)]));
    return ids.map((id) => byId.get(id));
  },
);

const SHOW = statement(
  'connectors.show',
  `${SHOWN} WHERE c.business_id = $1 AND c.connection_id = $2`,
);

export async function showConnection(db: Db, { businessId }: Business, id: string) {
  const row = await db.row<ShownRow>(SHOW, [businessId, id]);
  return row && shownOf(row);
}

const LIST = statement(
  'connectors.list',
  `${SHOWN} WHERE c.business_id = $1 AND c.connection_id > $2 ORDER BY c.connection_id LIMIT $3`,
);

/** In the order of their creation. */
export async function listConnections(
  db: Db,
  { businessId }: Business,
  after: string,
  limit: number,
): Promise<ShownConnection[]> {
  return (await db.rows<ShownRow>(LIST, [businessId, after, limit])).map(shownOf);
}

const COUNT = statement(
  'connectors.count',
  'SELECT count(*) AS n FROM connections WHERE business_id = $1',
);

export const countConnections = async (db: Db, { businessId }: Business) =>
  (await db.row<{ n: number }>(COUNT, [businessId]))?.n ?? 0;

const DELETE = statement(
  'connectors.delete',
  'DELETE FROM connections WHERE business_id = $1 AND connection_id = $2',
);
const DELETE_REASONS = statement(
  'connectors.delete-end-reasons',
  'DELETE FROM connection_end_reasons WHERE business_id = $1 AND connection_id = $2',
);
const NOTE_DELETED = statement(
  'connectors.note-deleted',
  'INSERT INTO deleted_connections (business_id, connection_id) VALUES ($1, $2)',
);

/** A job removes the deliveries that are in no conversation. */
export async function deleteConnectionRow(tx: Db, { businessId }: Business, id: string) {
  await tx.rows(DELETE, [businessId, id]);
  await tx.rows(DELETE_REASONS, [businessId, id]);
  await tx.rows(NOTE_DELETED, [businessId, id]);
}

const LIST_DELETED = statement(
  'connectors.list-deleted',
  'SELECT connection_id AS id FROM deleted_connections WHERE business_id = $1 LIMIT 100',
);

export async function listDeleted(db: Db, { businessId }: Business): Promise<string[]> {
  return (await db.rows<{ id: string }>(LIST_DELETED, [businessId])).map(({ id }) => id);
}

const FORGET_DELETED = statement(
  'connectors.forget-deleted',
  'DELETE FROM deleted_connections WHERE business_id = $1 AND connection_id = $2',
);

export async function forgetDeleted(db: Db, { businessId }: Business, id: string) {
  await db.rows(FORGET_DELETED, [businessId, id]);
}
