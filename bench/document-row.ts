import type { BareServer } from './bare-server.ts';
import { startForked } from './forked.ts';
import { requestText } from './http-connection.ts';
import { longConversation, longId } from './long-conversations.ts';
import { type Compared, compareInRounds, type Measured, medianOf, ratioOf } from './measured.ts';
import { AUTHORIZATION, type BenchSetup, getConversation } from './setup.ts';
import type { Result } from './table.ts';

/** GetConversation, also with a matching If-None-Match, compared with one SELECT of the same bytes. */
export async function measureDocument(setup: BenchSetup): Promise<Result[]> {
  const { database, generator, long, options, server } = setup;
  const bytes = await checkDocument(setup);
  await using bare = startForked<BareServer, { port: number }>('./bare-server.ts');
  const { port } = await bare.ask({ connection: database.connection, lists: {} });
  const ids = Array.from({ length: long.count }, (_, index) => longId(index + 1));
  const until = { milliseconds: options.quick ? 1_000 : 3_000 };
  const load = (to: number, requests: string[], status = 200): Promise<Measured> =>
    generator.ask({
      port: to,
      connections: 16,
      source: { kind: 'cycle', requests, status },
      until,
    });
  const ours = ids.map((id) => getConversation(long, id));
  const theirs = ids.map((id) => requestText('GET', `/documents/${id}`));
  const rounds = options.quick ? 3 : 5;
  setup.say(`document: GetConversation of ${bytes} bytes`);
  const compared = await compareInRounds(
    rounds,
    () => load(server.port, ours),
    () => load(port, theirs),
  );
  setup.say('document: with a matching If-None-Match');
  const held = await Promise.all(ids.map((id) => conditional(setup, id)));
  const unchanged = await compareInRounds(
    rounds,
    () => load(server.port, held, 304),
    () => load(port, theirs),
  );
  const measured = ({ ours, theirs }: Compared, quantity: 'perSecond' | 'p99') =>
    [ours, theirs]
      .map((of) => medianOf(of, quantity).toFixed(quantity === 'p99' ? 2 : 0))
      .join(' : ');
  return [
    {
      work: `GetConversation, 30 messages, ${bytes} bytes, 16 connections`,
      comparedWith: 'bare node:http with one SELECT of the same bytes',
      measured: `${measured(compared, 'perSecond')} requests/s`,
      ratio: ratioOf(compared, 'perSecond'),
      limit: { atLeast: 0.9 },
    },
    {
      work: '… its p99',
      comparedWith: 'the p99 of the same',
      measured: `${measured(compared, 'p99')} ms`,
      ratio: ratioOf(compared, 'p99'),
      limit: { atMost: 1.3 },
    },
    {
      work: '… with a matching If-None-Match, answered with 304',
      comparedWith: 'the rate of the same',
      measured: `${measured(unchanged, 'perSecond')} requests/s`,
      ratio: ratioOf(unchanged, 'perSecond'),
      limit: { atLeast: 1.2 },
    },
  ];
}

async function conditional({ long, server }: BenchSetup, id: string): Promise<string> {
  const path = `/api/v1/business/${long.businessId}/conversations/${id}`;
  const answer = await fetch(`${server.url}${path}`, { headers: AUTHORIZATION });
  await answer.arrayBuffer();
  const tag = answer.headers.get('etag') ?? '';
  return requestText('GET', path, { ...AUTHORIZATION, 'If-None-Match': tag });
}

/** The size of a long conversation in bytes. @throws if it differs from what was written. */
async function checkDocument({ api, database, long }: BenchSetup): Promise<number> {
  const { businessId } = long;
  const read = await api.getConversation({ businessId, sessionId: longId(7) });
  const written = longConversation(7) as { Messages: unknown[] };
  const urls = [...read.Clients, ...read.Agents].map(({ AudioUrl }) => AudioUrl);
  if (
    JSON.stringify(read.Messages) !== JSON.stringify(written.Messages) ||
    urls.some((url) => !url?.includes('signature=')) ||
    read.Recordings?.length !== 2
  ) {
    throw new Error('a conversation was not read as it was written');
  }
  const { rows } = await database.sql.query<{ bytes: number }>(
    'SELECT octet_length(body) AS bytes FROM bench_documents WHERE id = $1',
    [longId(7)],
  );
  return rows[0]?.bytes ?? 0;
}
