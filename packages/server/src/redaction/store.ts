import type { Scope } from '../access/authorization/scope.ts';
import { type Db, statement } from '../kernel/postgres/database.ts';
import { detectorOf } from './detection/detect.ts';
import { parseSpans, type Span, type Spans, type SpanTexts, type StoredSpans } from './spans.ts';

const FIND = statement(
  'redaction.find-spans',
  `SELECT conversation_id AS id, added, detector = $3 AS is_current, found_head, found, found_logs
   FROM conversation_spans WHERE business_id = $1 AND conversation_id = ANY($2::text[])`,
);

interface SpansRow {
  readonly id: string;
  readonly added: string;
  readonly is_current: boolean;
  readonly found_head: string;
  readonly found: string;
  readonly found_logs: string;
}

/** Returns JSON texts by conversation id; conversations that were never searched are absent. */
export async function findStoredSpans(
  db: Db,
  scope: Scope,
  conversationIds: readonly string[],
  country: string | null,
): Promise<Map<string, StoredSpans>> {
  const values = [scope.businessId, conversationIds, detectorOf(country)];
  const rows = await db.rows<SpansRow>(FIND, values);
  return new Map(rows.map((row) => [row.id, { found: foundOf(row), added: row.added }]));
}

const foundOf = (row: SpansRow): SpanTexts | null =>
  row.is_current ? { head: row.found_head, messages: row.found, logs: row.found_logs } : null;

export async function findSpans(db: Db, scope: Scope, id: string): Promise<Spans | undefined> {
  const stored = (await findStoredSpans(db, scope, [id], scope.redactionCountry)).get(id);
  return stored && parseSpans(stored);
}

const PUT = statement(
  'redaction.put-found',
  `INSERT INTO conversation_spans AS s
     (business_id, conversation_id, detector, found_head, found, found_logs)
   VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT (business_id, conversation_id) DO UPDATE
     SET detector = excluded.detector, found_head = excluded.found_head, found = excluded.found,
       found_logs = excluded.found_logs, added = CASE WHEN $7 THEN s.added ELSE '[]' END`,
);

/**
 * Stores detected spans. `added` decides about spans of users: they stay only if the messages are
 * unchanged.
 */
export async function putFound(
  tx: Db,
  scope: Scope,
  conversationId: string,
  { detector, texts }: { readonly detector: number; readonly texts: SpanTexts },
  added: 'keep' | 'drop',
): Promise<void> {
  const { head, messages, logs } = texts;
  const values = [scope.businessId, conversationId, detector, head, messages, logs];
  await tx.rows(PUT, [...values, added === 'keep']);
}

const ADD = statement(
  'redaction.add-spans',
  `INSERT INTO conversation_spans AS s (business_id, conversation_id, detector, found, added)
   VALUES ($1, $2, 0, '[]', $3)
   ON CONFLICT (business_id, conversation_id) DO UPDATE SET added = excluded.added`,
);

export async function putAdded(
  tx: Db,
  scope: Scope,
  conversationId: string,
  added: readonly Span[],
): Promise<void> {
  await tx.rows(ADD, [scope.businessId, conversationId, JSON.stringify(added)]);
}

const FIND_ADDED = statement(
  'redaction.find-added',
  'SELECT added::json AS added FROM conversation_spans WHERE business_id = $1 AND conversation_id = $2',
);

export async function findAddedSpans(tx: Db, scope: Scope, id: string): Promise<readonly Span[]> {
  const row = await tx.row<{ added: Span[] }>(FIND_ADDED, [scope.businessId, id]);
  return row?.added ?? [];
}

const PUT_ADDED_ALONE = statement(
  'redaction.put-added-alone',
  `UPDATE conversation_spans
   SET detector = 0, found_head = '[]', found = '[]', found_logs = '[]', added = $3
   WHERE business_id = $1 AND conversation_id = $2`,
);

/** Replaces the spans of users and removes detected ones, because the texts changed. */
export async function putAddedAlone(
  tx: Db,
  scope: Scope,
  id: string,
  added: readonly Span[],
): Promise<void> {
  await tx.rows(PUT_ADDED_ALONE, [scope.businessId, id, JSON.stringify(added)]);
}

const DELETE_SPANS = statement(
  'redaction.drop-spans',
  'DELETE FROM conversation_spans WHERE business_id = $1 AND conversation_id = ANY($2::text[])',
);

const PURGE_SPANS = statement(
  'redaction.thin-spans',
  `UPDATE conversation_spans s
   SET found = CASE WHEN t.transcript THEN '[]' ELSE s.found END,
     added = CASE WHEN t.transcript THEN '[]' ELSE s.added END,
     found_logs = CASE WHEN t.logs THEN '[]' ELSE s.found_logs END
   FROM unnest($2::text[], $3::boolean[], $4::boolean[]) AS t(id, transcript, logs)
   WHERE s.business_id = $1 AND s.conversation_id = t.id`,
);

export interface PurgedSpans {
  readonly id: string;
  readonly isWithout: { readonly transcript: boolean; readonly logs: boolean };
}

export async function purgeSpans(
  tx: Db,
  scope: Scope,
  purged: readonly PurgedSpans[],
): Promise<void> {
  await tx.rows(PURGE_SPANS, [
    scope.businessId,
    purged.map(({ id }) => id),
    purged.map(({ isWithout }) => isWithout.transcript),
    purged.map(({ isWithout }) => isWithout.logs),
  ]);
}

export async function deleteSpans(
  tx: Db,
  scope: Scope,
  conversationIds: readonly string[],
): Promise<void> {
  await tx.rows(DELETE_SPANS, [scope.businessId, conversationIds]);
}
