import pg from 'pg';
import { answerParent } from './forked.ts';
import { type Measured, summarize } from './measured.ts';

/** Reads the rows of a business's calls, or inserts them into `bench_calls`. */
export interface BareEnqueue {
  readonly connection: pg.ClientConfig;
  readonly kind: 'read' | 'insert';
  readonly businessId: number;
  readonly perStatement: number;
  readonly perCommit: number;
}

/** The columns that get the defaults of the table when a call is enqueued. */
const BY_DEFAULT = ['lost_leases', 'lease_token', 'lease_expires_at'];

const COLUMNS = `SELECT attname AS name, format_type(atttypid, atttypmod) AS type
  FROM pg_attribute
  WHERE attrelid = 'outbound_calls'::regclass AND attnum > 0 AND NOT attisdropped
    AND attname <> 'business_id' AND attname <> ALL($1) ORDER BY attnum`;

interface Column {
  readonly name: string;
  readonly type: string;
}
type Row = Readonly<Record<string, unknown>>;

const SETTINGS = "SET timezone = 'UTC'";
let client: pg.Client | null = null;
let columns: Column[] = [];
let rows: Row[] = [];

async function connect(connection: pg.ClientConfig): Promise<pg.Client> {
  const types = new pg.TypeOverrides();
  // As text, which preserves microseconds.
  types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, String);
  const opened = new pg.Client({ ...connection, types });
  await opened.connect();
  await opened.query(SETTINGS);
  return opened;
}

async function read(db: pg.Client, businessId: number): Promise<void> {
  columns = (await db.query<Column>(COLUMNS, [BY_DEFAULT])).rows;
  const names = columns.map(({ name }) => name).join(', ');
  const text = `SELECT ${names} FROM outbound_calls WHERE business_id = $1 ORDER BY id`;
  rows = (await db.query<Row>(text, [businessId])).rows;
}

async function insert(db: pg.Client, work: BareEnqueue): Promise<Measured> {
  const { businessId, perCommit, perStatement } = work;
  const names = columns.map(({ name }) => name).join(', ');
  const arrays = columns.map(({ type }, at) => `$${at + 2}::${type}[]`).join(', ');
  const text = `INSERT INTO bench_calls (business_id, ${names})
    SELECT $1, ${names} FROM unnest(${arrays}) AS g(${names})`;
  const times: number[] = [];
  const begin = performance.now();
  for (let first = 0; first < rows.length; first += perCommit) {
    const sent = performance.now();
    await db.query('BEGIN');
    for (let start = first; start < first + perCommit; start += perStatement) {
      const chunk = rows.slice(start, start + perStatement);
      const values = columns.map(({ name }) => chunk.map((row) => row[name]));
      await db.query({ name: 'insert', text, values: [businessId, ...values] });
    }
    await db.query('COMMIT');
    times.push(performance.now() - sent);
  }
  return summarize(times, (performance.now() - begin) / 1000);
}

async function run(work: BareEnqueue): Promise<Measured> {
  client ??= await connect(work.connection);
  if (work.kind === 'insert') return insert(client, work);
  await read(client, work.businessId);
  return summarize([], 0);
}

answerParent(run);
