import type { BareServer } from './bare-server.ts';
import { startForked } from './forked.ts';
import { requestText } from './http-connection.ts';
import { checkList, cursorAt, type ListFilter } from './list-filter.ts';
import { idOf, startOf } from './many-conversations.ts';
import { compareInRounds, medianOf, ratioOf } from './measured.ts';
import { type BenchSetup, getConversations } from './setup.ts';
import type { Result } from './table.ts';

const TWO: ListFilter = { SessionStates: ['Completed'], SessionInitiationTypes: ['Outbound'] };
const RANGE = { StartStartedDate: '2025-03-02T08:30:00Z', EndStartedDate: '2025-10-20T17:15:00Z' };

const bareList = (buckets: string, bounds: string) => `SELECT t.total, p.item
  FROM (
    SELECT sum(n) AS total FROM bench_counts
    WHERE business_id = $1 AND status = $2 AND initiation_type = $3 AND ${buckets}
  ) t LEFT JOIN (
    SELECT item, start_time, id FROM bench_items
    WHERE business_id = $1 AND status = $2 AND initiation_type = $3
      AND (start_time, id) < ($4, $5) ${bounds}
    ORDER BY start_time DESC, id DESC LIMIT 20
  ) p ON true
  ORDER BY p.start_time DESC, p.id DESC`;
const ALL = bareList("grain = 'all'", '');
const IN_RANGE = bareList("grain = 'day' AND bucket >= $6 AND bucket < $4", 'AND start_time >= $6');

/** GetConversations compared with one statement that reads rendered items and a sum. */
export async function measureList(setup: BenchSetup): Promise<Result[]> {
  const { database, generator, options, server, small } = setup;
  await using bare = startForked<BareServer, { port: number }>('./bare-server.ts');
  const keys = [small.businessId, 'Completed', 'Outbound'];
  const middle = small.count / 2;
  const middleStart = new Date(startOf(middle, small.count)).toISOString();
  const { port } = await bare.ask({
    connection: database.connection,
    lists: {
      first: { text: ALL, values: [[...keys, 'infinity', '']] },
      middle: { text: ALL, values: [[...keys, middleStart, idOf(middle)]] },
      range: {
        text: IN_RANGE,
        values: [[...keys, RANGE.EndStartedDate, '', RANGE.StartStartedDate]],
      },
    },
  });
  const lists = [
    { name: 'first', work: 'state and initiation type, first page', Filter: TWO },
    { name: 'middle', work: 'state and initiation type, from the middle', Filter: TWO },
    { name: 'range', work: '… and a date range, first page', Filter: { ...TWO, ...RANGE } },
  ];
  const results: Result[] = [];
  for (const { name, work, Filter } of lists) {
    await checkList(setup, small, Filter);
    const body = name === 'middle' ? cursorAt(small, Filter, 'middle') : { Filter };
    const load = (to: number, request: string) =>
      generator.ask({
        port: to,
        connections: 16,
        source: { kind: 'cycle', requests: [request] },
        until: { milliseconds: options.quick ? 1_000 : 3_000 },
      });
    setup.say(`list: ${work}`);
    const compared = await compareInRounds(
      options.quick ? 3 : 5,
      () => load(server.port, getConversations(small, { Limit: 20, ...body })),
      () => load(port, requestText('GET', `/lists/${name}/0`)),
    );
    const [ours, theirs] = [compared.ours, compared.theirs].map((rounds) =>
      medianOf(rounds, 'perSecond').toFixed(0),
    );
    results.push({
      work: `GetConversations, 20 of ${small.count}, ${work}, 16 connections`,
      comparedWith: 'bare node:http, one statement: ready items by the best index, a sum',
      measured: `${ours} : ${theirs} requests/s`,
      ratio: ratioOf(compared, 'perSecond'),
      limit: { atLeast: 0.8 },
    });
  }
  return results;
}
