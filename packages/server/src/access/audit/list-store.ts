import type { AuditAction } from '@colloquy/wire';
import { timestampText } from '../../kernel/instant.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Scope } from '../authorization/scope.ts';
import { type ChainedEntry, ENTRY, type Head } from './chain-store.ts';

export interface Filter {
  /** Milliseconds since 1970; both are inclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly actions?: readonly AuditAction[];
  readonly userId?: string;
  readonly apiKeyId?: string;
  readonly subjectHashes?: readonly string[];
}

export interface EntryKey {
  readonly at: number;
  readonly number: number;
}

const COLUMNS_OF_ENTRY = `${ENTRY}, e.subject_id AS "subjectId", e.chain_no AS number,
  encode(e.hash, 'hex') AS hash`;

type Path = 'time' | 'subject' | 'key' | 'user' | 'action';
const FILTER_COLUMNS = {
  subject: 'e.subject_hash',
  key: 'e.api_key_id',
  user: 'e.user_id',
  action: 'e.action',
} as const;

// A path scans ranges of one index in list order; the other keys filter at most $10 rows per page.
function listText(path: Path): string {
  const range = (condition: string) => `SELECT e.* FROM audit_entries e
      WHERE e.business_id = $1 AND ${condition} e.at >= $3 AND (e.at, e.chain_no) < ($4, $5)
      ORDER BY e.at DESC, e.chain_no DESC LIMIT $10`;
  const scanned =
    path === 'time'
      ? range('')
      : `SELECT e.* FROM unnest($2::text[]) AS g(value)
         CROSS JOIN LATERAL (${range(`${FILTER_COLUMNS[path]} = g.value AND`)}) e
         ORDER BY e.at DESC, e.chain_no DESC LIMIT $10`;
  return `WITH scanned AS MATERIALIZED (${scanned}), matching AS (
     SELECT e.* FROM scanned e
     WHERE ($6::text[] IS NULL OR e.subject_hash = ANY($6))
       AND ($7::text IS NULL OR e.api_key_id = $7) AND ($8::text IS NULL OR e.user_id = $8)
       AND ($9::text[] IS NULL OR e.action = ANY($9)) ${path === 'time' ? 'AND $2::text[] IS NULL' : ''}
     ORDER BY e.at DESC, e.chain_no DESC LIMIT $11
   )
   SELECT ${COLUMNS_OF_ENTRY}, false AS "isEdge" FROM matching e
   UNION ALL
   (SELECT ${COLUMNS_OF_ENTRY}, true FROM scanned e WHERE (SELECT count(*) FROM scanned) = $10
    ORDER BY e.at, e.chain_no LIMIT 1)
   ORDER BY 1 DESC, number DESC, "isEdge"`;
}
const LISTS = {
  time: statement('access.list-audit-by-time', listText('time')),
  subject: statement('access.list-audit-by-subject', listText('subject')),
  key: statement('access.list-audit-by-key', listText('key')),
  user: statement('access.list-audit-by-user', listText('user')),
  action: statement('access.list-audit-by-action', listText('action')),
};
/** Limit for filters with several keys. */
const MAX_SCANNED = 2_000;

export async function listEntries(
  db: Db,
  scope: Scope,
  filter: Filter,
  { after, limit }: { readonly after: EntryKey | null; readonly limit: number },
) {
  const { path, values, isAll } = pathOf(filter);
  const rows = await db.rows<ChainedEntry & { isEdge: boolean }>(LISTS[path], [
    scope.businessId,
    values,
    timestampText(filter.from ?? Number.NEGATIVE_INFINITY),
    after ? timestampText(after.at) : timestampText((filter.to ?? Infinity) + 1),
    after?.number ?? 0,
    filter.subjectHashes ?? null,
    filter.apiKeyId ?? null,
    filter.userId ?? null,
    filter.actions ?? null,
    isAll ? limit + 1 : MAX_SCANNED,
    limit + 1,
  ]);
  const found = rows.filter(({ isEdge }) => !isEdge);
  const entries = found.slice(0, limit);
  const last = found.length > limit ? entries.at(-1) : rows.find(({ isEdge }) => isEdge);
  const next: EntryKey | null = last ? { at: last.at, number: last.number } : null;
  return { entries, next };
}

/** The most selective key. `isAll`: it is the only key apart from the times. */
function pathOf(filter: Filter): { path: Path; values: readonly string[] | null; isAll: boolean } {
  const { subjectHashes, apiKeyId, userId, actions } = filter;
  const given = [subjectHashes, apiKeyId, userId, actions].filter((key) => key !== undefined);
  const isAll = given.length <= 1;
  if (subjectHashes) return { path: 'subject', values: subjectHashes, isAll };
  if (apiKeyId !== undefined) return { path: 'key', values: [apiKeyId], isAll };
  if (userId !== undefined) return { path: 'user', values: [userId], isAll };
  if (actions) return { path: 'action', values: actions, isAll };
  return { path: 'time', values: null, isAll };
}

const CHAIN = statement(
  'access.list-audit-chain',
  `SELECT ${COLUMNS_OF_ENTRY} FROM audit_entries e
   WHERE e.business_id = $1 AND e.chain_no > $2 ORDER BY e.chain_no LIMIT $3`,
);

export const listChain = (db: Db, scope: Scope, after: number, limit: number) =>
  db.rows<ChainedEntry>(CHAIN, [scope.businessId, after, limit]);

const HEADS = statement(
  'access.list-audit-heads',
  `SELECT chain_no AS number, encode(hash, 'hex') AS hash, at, signature FROM audit_heads
   WHERE business_id = $1 AND chain_no > $2 ORDER BY chain_no LIMIT $3`,
);

export const listHeads = (db: Db, scope: Scope, after: number, limit: number) =>
  db.rows<Head>(HEADS, [scope.businessId, after, limit]);

const FIND_SETTINGS = statement(
  'access.find-audit-settings',
  'SELECT is_read_logged AS "isReadLogged" FROM businesses WHERE business_id = $1',
);
const SET_SETTINGS = statement(
  'access.set-audit-settings',
  `UPDATE businesses SET is_read_logged = $2
   WHERE business_id = $1 AND is_read_logged <> $2 RETURNING 1`,
);

export async function findReadLogging(db: Db, scope: Scope): Promise<boolean> {
  const row = await db.row<{ isReadLogged: boolean }>(FIND_SETTINGS, [scope.businessId]);
  return row?.isReadLogged ?? false;
}

export async function setReadLogging(tx: Db, scope: Scope, isReadLogged: boolean) {
  return (await tx.rows(SET_SETTINGS, [scope.businessId, isReadLogged])).length > 0;
}
