import { DURATION_CLASSES } from '@colloquy/wire';
import type pg from 'pg';
import { encodeCursor } from '../packages/server/src/kernel/cursor.ts';
import { deriveSecrets } from '../packages/server/src/kernel/secrets.ts';
import { idOf, startOf } from './many-conversations.ts';
import { SECRET } from './server-process.ts';
import type { BenchSetup, Business } from './setup.ts';

/** A filter of GetConversations, each array as the server sorts it. */
export interface ListFilter {
  readonly SessionStates?: readonly string[];
  readonly SessionInitiationTypes?: readonly string[];
  readonly SessionEndTypes?: readonly string[];
  readonly DurationsFromSeconds?: readonly (typeof DURATION_CLASSES)[number][];
  readonly StartStartedDate?: string;
  readonly EndStartedDate?: string;
}

const secrets = deriveSecrets(SECRET);

/**
 * A cursor into the middle or to the end of a list, made with the server's code and key, because paging
 * to it would take thousands of requests.
 */
export function cursorAt(business: Business, filter: ListFilter, place: 'middle' | 'end'): object {
  const content = {
    filter: {
      ...(filter.StartStartedDate && { from: Date.parse(filter.StartStartedDate) }),
      ...(filter.EndStartedDate && { to: Date.parse(filter.EndStartedDate) }),
      ...(filter.SessionStates && { statuses: filter.SessionStates }),
      ...(filter.SessionInitiationTypes && { initiationTypes: filter.SessionInitiationTypes }),
      ...(filter.SessionEndTypes && { endTypes: filter.SessionEndTypes }),
      ...(filter.DurationsFromSeconds && { durationClasses: classesOf(filter) }),
    },
    direction: place === 'middle' ? 'forward' : 'backward',
    at: place === 'middle' ? middleOf(business, filter) : null,
  };
  const cursor = encodeCursor(secrets, `conversations ${business.businessId}`, content);
  return place === 'middle' ? { NextCursor: cursor } : { PreviousCursor: cursor };
}

const classesOf = ({ DurationsFromSeconds }: ListFilter) =>
  DurationsFromSeconds?.map((seconds) => DURATION_CLASSES.indexOf(seconds));

function middleOf({ count }: Business, filter: ListFilter): { startTime: string; id: string } {
  const { StartStartedDate, EndStartedDate } = filter;
  const first = startOf(1, count);
  const span = startOf(count, count) - first;
  const from = StartStartedDate ? Date.parse(StartStartedDate) : first;
  const to = EndStartedDate ? Date.parse(EndStartedDate) : first + span;
  const share = ((from + to) / 2 - first) / span;
  const number = Math.min(count, Math.max(1, Math.round(share * count)));
  return { startTime: new Date(startOf(number, count)).toISOString(), id: idOf(number) };
}

/** @throws if the first page or the count differs from the table. */
export async function checkList(
  setup: BenchSetup,
  business: Business,
  Filter: ListFilter,
): Promise<number> {
  const { businessId } = business;
  const input = { businessId, Limit: 20, Filter } as Parameters<
    BenchSetup['api']['getConversations']
  >[0];
  const page = await setup.api.getConversations(input);
  const expected = await readTable(setup.database.sql, businessId, Filter);
  const ids = page.Items.map(({ Id }) => Id);
  if (page.TotalCount !== expected.count || ids.join() !== expected.ids.join()) {
    throw new Error(
      `${JSON.stringify(Filter)}: ${page.TotalCount} (${ids}) instead of ${expected.count} (${expected.ids})`,
    );
  }
  return page.TotalCount;
}

async function readTable(
  sql: pg.Pool,
  businessId: number,
  filter: ListFilter,
): Promise<{ count: number; ids: string[] }> {
  const matching = `FROM conversations WHERE business_id = $1
    AND ($2::text[] IS NULL OR status = ANY($2))
    AND ($3::text[] IS NULL OR initiation_type = ANY($3))
    AND ($4::text[] IS NULL OR end_type = ANY($4))
    AND ($5::timestamptz IS NULL OR start_time >= $5)
    AND ($6::timestamptz IS NULL OR start_time <= $6)
    AND ($7::smallint[] IS NULL OR duration_class = ANY($7))`;
  const { rows } = await sql.query<{ count: string; ids: string[] }>(
    `SELECT (SELECT count(*) ${matching}) AS count,
       ARRAY(SELECT id ${matching} ORDER BY start_time DESC, id DESC LIMIT 20) AS ids`,
    [
      businessId,
      filter.SessionStates,
      filter.SessionInitiationTypes,
      filter.SessionEndTypes,
      filter.StartStartedDate,
      filter.EndStartedDate,
      classesOf(filter),
    ],
  );
  return { count: Number(rows[0]?.count), ids: rows[0]?.ids ?? [] };
}
