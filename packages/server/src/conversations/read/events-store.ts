import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Event } from '../model/conversation.ts';
import { parseEvents } from '../model/stored-events.ts';

// LIMIT keeps each look-up on the key; a join may read all events of the business.
const EVENTS = statement(
  'conversations.find-events',
  `SELECT w.n::integer AS n, e.payloads
   FROM unnest($2::text[], $3::integer[]) WITH ORDINALITY AS w(id, seq, n)
   CROSS JOIN LATERAL (
     SELECT payloads FROM conversation_events
     WHERE business_id = $1 AND conversation_id = w.id AND seq = w.seq LIMIT 1
   ) e`,
);

/** Events that one append brought. */
export interface EventsOf {
  readonly id: string;
  readonly firstSeq: number;
  readonly eventIds: readonly string[];
}

/** The events of each one, in order; not all if the conversation is sealed or was replaced. */
export async function findEvents(
  db: Db,
  { businessId }: Pick<Scope, 'businessId'>,
  wanted: readonly EventsOf[],
): Promise<Event[][]> {
  if (wanted.length === 0) return [];
  const rows = await db.rows<{ n: number; payloads: string }>(EVENTS, [
    businessId,
    wanted.map(({ id }) => id),
    wanted.map(({ firstSeq }) => firstSeq),
  ]);
  const found = new Map(rows.map(({ n, payloads }) => [n, payloads]));
  return wanted.map(({ eventIds }, at) => {
    const events = parseEvents(found.get(at + 1) ?? '');
    // After a replacement, other events have these numbers.
    const isSame = events.every(({ eventId }, n) => eventId === eventIds[n]);
    return isSame ? events : [];
  });
}

const FACTS = statement(
  'conversations.find-facts',
  `SELECT id, start_time AS "startTime", status, initiation_type AS "initiationType",
     end_type AS "endType", duration_class AS "durationClass"
   FROM conversations WHERE business_id = $1 AND id = ANY($2::text[])`,
);

/** What a filter looks at. */
export interface FilteredFacts {
  readonly id: string;
  readonly startTime: number;
  readonly status: string;
  readonly initiationType: string;
  readonly endType: string | null;
  readonly durationClass: number | null;
}

export const findFacts = (
  db: Db,
  { businessId }: Pick<Scope, 'businessId'>,
  ids: readonly string[],
): Promise<FilteredFacts[]> => db.rows<FilteredFacts>(FACTS, [businessId, ids]);
