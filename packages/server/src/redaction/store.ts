import type { Scope } from '../access/authorization/scope.ts';
import { type Db, statement } from '../kernel/postgres/database.ts';
import { detectorOf } from './detection/detect.ts';
import { parseSpans, type Span, type Spans, type SpanTexts, type StoredSpans } from './spans.ts';

const FIND = statement(
  'redaction.find-spans',
  `SELECT conversation_id AS id, added, detector = $3 AS "isCurrent", found_head AS head,
     found AS messages, found_logs AS logs
   FROM conversation_spans WHERE business_id = $1 AND conversation_id = ANY($2::text[])`,
);

interface SpansRow extends SpanTexts {
  readonly id: string;
  readonly added: string;
  readonly isCurrent: boolean;
}

/** By conversation id; conversations that were never searched are absent. */
export async function findStoredSpans(
  db: Db,
  scope: Scope,
  conversationIds: readonly string[],
  country: string | null,
): Promise<Map<string, StoredSpans>> {
  const values = [scope.businessId, conversationIds, detectorOf(country)];
  const rows = await db.rows<SpansRow>(FIND, values);
  return new Map(
    rows.map(({ id, added, isCurrent, ...texts }) => [
      id,
      { found: isCurrent ? texts : null, added },
    ]),
  );
}

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

interface FoundSpans {
  readonly detector: number;
  readonly texts: SpanTexts;
  /** Added spans must be dropped if the messages have changed. */
  readonly added: 'keep' | 'drop';
}

export async function putFound(
  tx: Db,
  scope: Scope,
  conversationId: string,
  { detector, texts, added }: FoundSpans,
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

export async function putAdded(tx: Db, scope: Scope, id: string, added: readonly Span[]) {
  await tx.rows(ADD, [scope.businessId, id, JSON.stringify(added)]);
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

/** Removes detected spans, because the texts have changed. */
export async function putAddedAlone(tx: Db, scope: Scope, id: string, added: readonly Span[]) {
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
   WHERE s.business_id = $1 AND s.conversation_id = ANY($2::text[]) AND s.conversation_id = t.id`,
);

export interface PurgedSpans {
  readonly id: string;
  readonly isWithout: { readonly transcript: boolean; readonly logs: boolean };
}

export async function purgeSpans(tx: Db, scope: Scope, purged: readonly PurgedSpans[]) {
  await tx.rows(PURGE_SPANS, [
    scope.businessId,
    purged.map(({ id }) => id),
    purged.map(({ isWithout }) => isWithout.transcript),
    purged.map(({ isWithout }) => isWithout.logs),
  ]);
}

export async function deleteSpans(tx: Db, scope: Scope, conversationIds: readonly string[]) {
  await tx.rows(DELETE_SPANS, [scope.businessId, conversationIds]);
}
