import { requestText } from './http-connection.ts';
import { loadConversations, MILLISECONDS } from './many-conversations.ts';
import { compareInRounds, medianOf, ratioOf } from './measured.ts';
import { AUTHORIZATION, type BenchSetup, type Business } from './setup.ts';
import type { Result } from './table.ts';

const FEW = 1_000;
const MAX_MILLISECONDS = 3_000;

const YEAR = { From: '2025-01-01T00:00:00Z', To: '2026-01-01T00:00:00Z' };
const KINDS = [
  {
    work: '30 days of Berlin',
    query: { Bucket: 'Day', TimeZone: 'Europe/Berlin' },
    range: { From: '2025-10-05T00:00:00Z', To: '2025-11-03T12:00:00Z' },
  },
  {
    work: 'a year of months in India',
    query: { Bucket: 'Month', TimeZone: 'Asia/Kolkata' },
    range: YEAR,
  },
  { work: 'a year of days', query: { Bucket: 'Day', TimeZone: 'UTC' }, range: YEAR },
] as const;

/** Time series of a large business compared with those of a nearly empty one. */
export async function measureAnalytics(setup: BenchSetup): Promise<Result[]> {
  const { api, database, generator, large, options, server } = setup;
  const { BusinessId } = await api.createBusiness({ Name: 'Few conversations' });
  const few: Business = { businessId: BusinessId, count: FEW };
  await loadConversations(database.sql, few.businessId, few.count);
  if (!options.stale) await database.sql.query('VACUUM (ANALYZE) conversation_figures');
  const results: Result[] = [];
  for (const { work, query, range } of KINDS) {
    for (const business of [large, few]) await checkFigures(setup, business, range);
    setup.say(`analytics: ${work}`);
    const load = (business: Business) =>
      generator.ask({
        port: server.port,
        connections: 1,
        source: { kind: 'cycle', requests: [getAnalytics(business, { ...query, ...range })] },
        until: { requests: options.quick ? 300 : 1_000, milliseconds: MAX_MILLISECONDS },
      });
    const compared = await compareInRounds(
      options.quick ? 3 : 7,
      () => load(large),
      () => load(few),
    );
    const [ours, theirs] = [compared.ours, compared.theirs].map((rounds) =>
      medianOf(rounds, 'p50').toFixed(2),
    );
    results.push({
      work: `GetConversationAnalytics of ${large.count}, ${work}`,
      comparedWith: `the same of ${few.count}`,
      measured: `p50 ${ours} : ${theirs} ms`,
      ratio: ratioOf(compared, 'p50'),
      limit: { atMost: 1.5 },
    });
  }
  return results;
}

function getAnalytics({ businessId }: Business, query: Readonly<Record<string, string>>): string {
  const path = `/api/v1/business/${businessId}/analytics/conversations`;
  return requestText('GET', `${path}?${new URLSearchParams(query)}`, AUTHORIZATION);
}

/** @throws if the counts differ from those of the table. */
async function checkFigures(
  { api, database }: BenchSetup,
  { businessId }: Business,
  range: { readonly From: string; readonly To: string },
): Promise<void> {
  const { Total, ...span } = await api.getConversationAnalytics({
    businessId,
    Bucket: 'Day',
    TimeZone: 'Asia/Kathmandu',
    ...range,
  });
  const { rows } = await database.sql.query(
    `SELECT count(*)::int AS all, count(end_type)::int AS finished FROM conversations
     WHERE business_id = $1 AND start_time >= $2 AND start_time < $3`,
    [businessId, span.From, span.To],
  );
  const [counted] = rows;
  const isRight =
    counted.all === Total.Conversations &&
    counted.finished === Total.Finished &&
    Total.Seconds === Total.Finished * (MILLISECONDS / 1000);
  if (!isRight)
    throw new Error(`the figures of business ${businessId} differ from the stored rows`);
}
