import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';

const BATCH = 2_000;
/** Every spelling keeps these digits in order; prefixes and national forms differ only before them. */
const LAST_DIGITS = 4;

// Values with characters other than visible ASCII, or with escapes, may contain digits of other scripts.
const FIND = statement(
  'conversations.find-mentions',
  String.raw`WITH batch AS MATERIALIZED (
     SELECT id, head, queue_id FROM conversations
     WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT ${BATCH}
   )
   SELECT (SELECT max(id) FROM batch) AS last, ARRAY(
     SELECT id FROM batch b WHERE b.queue_id = ANY($4::text[])
       OR EXISTS (SELECT FROM unnest($3::text[]) AS n(needle) WHERE strpos(b.head, n.needle) > 0)
   ) AS ids, (
     SELECT coalesce(json_agg(json_build_array(b.id, m[1])), '[]')::json FROM batch b
       CROSS JOIN LATERAL regexp_matches(b.head, '"(?:ClientId|PhoneNumber)":("(?:[^"\\]|\\.)*")', 'g') m
     WHERE $5::text IS NOT NULL
       AND (strpos(regexp_replace(m[1], '[^0-9]', '', 'g'), $5) > 0 OR m[1] ~ '[^ -~]|[\\%]')
   ) AS spelled`,
);

/** No index serves `isNumber`, so the last digits of `e164` narrow the rows first. */
export interface NumberSearch {
  readonly e164: string;
  readonly isNumber: (text: string) => boolean;
}

interface MentionSearch {
  readonly texts: readonly string[];
  readonly queueIds: readonly string[];
  readonly number: NumberSearch | null;
}

/** Scans all conversations of the business: an index of persons would store personal data again. */
export async function findMentions(
  db: Db,
  scope: Scope,
  { texts, queueIds, number }: MentionSearch,
): Promise<string[]> {
  const found = new Set<string>();
  const digits = number?.e164.slice(-LAST_DIGITS) ?? null;
  for (let after: string | null = ''; after !== null; ) {
    const values: unknown[] = [scope.businessId, after, texts, queueIds, digits];
    const row: FoundRow | undefined = await db.row(FIND, values);
    for (const id of row?.ids ?? []) found.add(id);
    for (const [id, json] of row?.spelled ?? []) {
      if (number?.isNumber(JSON.parse(json))) found.add(id);
    }
    after = row?.last ?? null;
  }
  return [...found];
}

interface FoundRow {
  readonly last: string | null;
  readonly ids: string[];
  readonly spelled: [id: string, json: string][];
}
