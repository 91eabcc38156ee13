import type { Scope } from '../access/scope.ts';
import { type Db, statement } from '../base/db.ts';
import { DETECTOR, type Stretch } from './detect.ts';

/** A stretch of a message, which is named by its place among the messages. */
export interface Span extends Stretch {
  readonly message: number;
}

export interface Spans {
  /** null: they are to be looked for. */
  readonly found: readonly Span[] | null;
  readonly added: readonly Span[];
}

const FIND = statement(
  'redaction.find-spans',
  `SELECT conversation_id AS id, CASE WHEN detector = $3 THEN found::json END AS found,
     added::json AS added
   FROM conversation_spans WHERE business_id = $1 AND conversation_id = ANY($2::text[])`,
);

/** Of each conversation what there is to mask in its messages; one that is absent was never looked at. */
export async function findSpans(
  db: Db,
  scope: Scope,
  conversationIds: readonly string[],
): Promise<Map<string, Spans>> {
  const values = [scope.businessId, conversationIds, DETECTOR];
  const rows = await db.rows<Spans & { id: string }>(FIND, values);
  return new Map(rows.map(({ id, found, added }) => [id, { found, added }]));
}

const PUT = statement(
  'redaction.put-found',
  `INSERT INTO conversation_spans AS s (business_id, conversation_id, detector, found)
   VALUES ($1, $2, $3, $4)
   ON CONFLICT (business_id, conversation_id) DO UPDATE
     SET detector = excluded.detector, found = excluded.found,
       added = CASE WHEN $5 THEN s.added ELSE '[]' END`,
);

/** Notes what was found; what was added stays where the messages are the ones that it was added to. */
export async function putFound(
  tx: Db,
  scope: Scope,
  conversationId: string,
  found: readonly Span[],
  added: 'keep' | 'drop',
): Promise<void> {
  const text = JSON.stringify(found);
  await tx.rows(PUT, [scope.businessId, conversationId, DETECTOR, text, added === 'keep']);
}

const ADD = statement(
  'redaction.add-spans',
  `INSERT INTO conversation_spans AS s (business_id, conversation_id, detector, found, added)
   VALUES ($1, $2, 0, '[]', $3)
   ON CONFLICT (business_id, conversation_id) DO UPDATE SET added = excluded.added`,
);

/** Replaces what was added. */
export async function putAdded(
  tx: Db,
  scope: Scope,
  conversationId: string,
  added: readonly Span[],
): Promise<void> {
  await tx.rows(ADD, [scope.businessId, conversationId, JSON.stringify(added)]);
}

const DROP = statement(
  'redaction.drop-spans',
  'DELETE FROM conversation_spans WHERE business_id = $1 AND conversation_id = ANY($2::text[])',
);

/** The messages that they are about went. */
export async function dropSpans(
  tx: Db,
  scope: Scope,
  conversationIds: readonly string[],
): Promise<void> {
  await tx.rows(DROP, [scope.businessId, conversationIds]);
}
