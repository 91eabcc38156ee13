import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Event } from '../model/conversation.ts';

// LIMIT keeps each look-up on the key; a join may read all events of the business.
const EVENTS = statement(
  'conversations.find-events',
  `SELECT w.n::integer AS n, e.payload
   FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS w(id, event_id, n)
   CROSS JOIN LATERAL (
     SELECT payload FROM conversation_events
     WHERE business_id = $1 AND conversation_id = w.id AND event_id = w.event_id LIMIT 1
   ) e`,
);

export interface EventsOf {
  readonly id: string;
  readonly eventIds: readonly string[];
}

/** The events of each one, in order; fewer if the conversation is sealed or was replaced. */
export async function findEvents(
  db: Db,
  { businessId }: Pick<Scope, 'businessId'>,
  wanted: readonly EventsOf[],
): Promise<Event[][]> {
  if (wanted.length === 0) return [];
  const rows = await db.rows<{ n: number; payload: string }>(EVENTS, [
    businessId,
    wanted.flatMap(({ id, eventIds }) => eventIds.map(() => id)),
    wanted.flatMap(({ eventIds }) => eventIds),
  ]);
  const found = new Map(rows.map(({ n, payload }) => [n, payload]));
  let n = 0;
  return wanted.map(({ eventIds }) =>
    eventIds.flatMap((): Event[] => {
      n += 1;
      const payload = found.get(n);
      return payload === undefined ? [] : [JSON.parse(payload)];
    }),
  );
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
