import { hash } from 'node:crypto';
import type { Db, Statement } from '../../kernel/postgres/database.ts';

export type LibraryRecord = Record<string, unknown>;

export interface Condition {
  readonly field: string;
  readonly value: unknown;
  readonly operator?: string | undefined;
}

export interface Ordered {
  readonly limit?: number | undefined;
  readonly sortBy?: { readonly field: string; readonly direction: 'asc' | 'desc' } | undefined;
}

interface Table {
  readonly name: string;
  /** Fields without a column are not stored. */
  readonly columns: Readonly<Record<string, string>>;
}

const TIMES = { createdAt: 'created_at', updatedAt: 'updated_at' };
const TABLES: Readonly<Record<string, Table>> = {
  user: {
    name: 'users',
    columns: { id: 'user_id', email: 'email', name: 'name', createdAt: 'created_at' },
  },
  session: {
    name: 'sessions',
    columns: {
      id: 'session_id',
      userId: 'user_id',
      token: 'token_hash',
      expiresAt: 'expires_at',
      ...TIMES,
    },
  },
  // The provider's tokens are not used, so they are not stored.
  account: {
    name: 'accounts',
    columns: {
      id: 'account_id',
      userId: 'user_id',
      providerId: 'provider',
      accountId: 'subject',
      ...TIMES,
    },
  },
};
const OPERATORS: Readonly<Record<string, string>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
};

function tableOf(model: string): Table {
  const table = TABLES[model];
  if (!table) throw new Error(`there is no table for ${model}`);
  return table;
}

class Values {
  readonly all: unknown[] = [];

  add(field: string, value: unknown): string {
    this.all.push(value instanceof Date ? value.toISOString() : value);
    const parameter = `$${this.all.length}`;
    // Only hashes of tokens are stored, so read access to the database does not allow signing in.
    return field === 'token' ? `sha256(convert_to(${parameter}::text, 'UTF8'))` : parameter;
  }
}

function whereText(table: Table, conditions: readonly Condition[], values: Values): string {
  if (conditions.length === 0) throw new Error(`a condition on ${table.name} is missing`);
  return conditions
    .map(({ field, value, operator = 'eq' }) => {
      const [column, sign] = [table.columns[field], OPERATORS[operator]];
      if (!column || !sign) throw new Error(`${table.name} has no ${field} ${operator}`);
      const parameter = values.add(field, value);
      return field === 'email'
        ? `lower(email) = lower(${parameter})`
        : `${column} ${sign} ${parameter}`;
    })
    .join(' AND ');
}

const returnedColumns = ({ columns }: Table) =>
  Object.entries(columns)
    .filter(([field]) => field !== 'token')
    .map(([field, column]) => `${column} AS "${field}"`)
    .join(', ');

/** Only a few distinct texts. */
const named = (text: string): Statement => ({ name: `sign-in.${hash('sha1', text)}`, text });

/** The library expects Dates, and the token of the condition. */
function recordOf(row: LibraryRecord, conditions: readonly Condition[]): LibraryRecord {
  const token = conditions.find(({ field }) => field === 'token')?.value;
  const entries = Object.entries(row).map(([key, value]) => [
    key,
    key.endsWith('At') && typeof value === 'number' ? new Date(value) : value,
  ]);
  return { ...Object.fromEntries(entries), ...(token !== undefined && { token }) };
}

export async function insertRecord(db: Db, model: string, record: LibraryRecord) {
  const table = tableOf(model);
  const values = new Values();
  const fields = Object.keys(table.columns).filter((field) => record[field] !== undefined);
  const columns = fields.map((field) => table.columns[field]);
  const parameters = fields.map((field) => values.add(field, record[field]));
  const text = `INSERT INTO ${table.name} (${columns.join(', ')}) VALUES (${parameters.join(', ')})`;
  await db.rows(named(text), values.all);
  return record;
}

export async function findRecords(
  db: Db,
  model: string,
  conditions: readonly Condition[],
  { limit, sortBy }: Ordered = {},
): Promise<LibraryRecord[]> {
  const table = tableOf(model);
  const values = new Values();
  const where = whereText(table, conditions, values);
  const column = sortBy && table.columns[sortBy.field];
  const order = column ? ` ORDER BY ${column} ${sortBy.direction === 'desc' ? 'DESC' : 'ASC'}` : '';
  const limitClause = limit === undefined ? '' : ` LIMIT ${values.add('limit', limit)}`;
  const text = `SELECT ${returnedColumns(table)} FROM ${table.name} WHERE ${where}${order}${limitClause}`;
  const rows = await db.rows<LibraryRecord>(named(text), values.all);
  return rows.map((row) => recordOf(row, conditions));
}

export async function updateRecords(
  db: Db,
  model: string,
  conditions: readonly Condition[],
  change: LibraryRecord,
): Promise<LibraryRecord[]> {
  const table = tableOf(model);
  const values = new Values();
  const fields = Object.keys(change).filter((field) => table.columns[field] !== undefined);
  if (fields.length === 0) return findRecords(db, model, conditions);
  const set = fields.map(
    (field) => `${table.columns[field]} = ${values.add(field, change[field])}`,
  );
  const where = whereText(table, conditions, values);
  const text = `UPDATE ${table.name} SET ${set.join(', ')} WHERE ${where} RETURNING ${returnedColumns(table)}`;
  const rows = await db.rows<LibraryRecord>(named(text), values.all);
  return rows.map((row) => recordOf(row, conditions));
}

export async function deleteRecords(db: Db, model: string, conditions: readonly Condition[]) {
  const table = tableOf(model);
  const values = new Values();
  const where = whereText(table, conditions, values);
  return (await db.rows(named(`DELETE FROM ${table.name} WHERE ${where} RETURNING 1`), values.all))
    .length;
}
