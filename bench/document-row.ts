import type { BareServer } from './bare-server.ts';
import { startForked } from './forked.ts';
import { requestText } from './http-connection.ts';
import { longConversation, longId } from './long-conversations.ts';
import { compareInRounds, type Measured, medianOf, ratioOf } from './measured.ts';
import { type BenchSetup, getConversation } from './setup.ts';
import type { Result } from './table.ts';

/** GetConversation compared with one SELECT of the same bytes. */
export async function measureDocument(setup: BenchSetup): Promise<Result[]> {
  const { database, generator, long, options, server } = setup;
  const bytes = await checkDocument(setup);
  await using bare = startForked<BareServer, { port: number }>('./bare-server.ts');
  const { port } = await bare.ask({ connection: database.connection, lists: {} });
  const ids = Array.from({ length: long.count }, (_, index) => longId(index + 1));
  const until = { milliseconds: options.quick ? 1_000 : 3_000 };
  const load = (to: number, requests: string[]): Promise<Measured> =>
    generator.ask({ port: to, connections: 16, source: { kind: 'cycle', requests }, until });
  const ours = ids.map((id) => getConversation(long, id));
  const theirs = ids.map((id) => requestText('GET', `/documents/${id}`));
  setup.say(`document: GetConversation of ${bytes} bytes`);
  const compared = await compareInRounds(
    options.quick ? 3 : 5,
    () => load(server.port, ours),
    () => load(port, theirs),
  );
  const measured = (quantity: 'perSecond' | 'p99') =>
    `${medianOf(compared.ours, quantity).toFixed(quantity === 'p99' ? 2 : 0)} : ${medianOf(compared.theirs, quantity).toFixed(quantity === 'p99' ? 2 : 0)}`;
  return [
    {
      work: `GetConversation, 30 messages, ${bytes} bytes, 16 connections`,
      comparedWith: 'bare node:http with one SELECT of the same bytes',
      measured: `${measured('perSecond')} requests/s`,
      ratio: ratioOf(compared, 'perSecond'),
      limit: { atLeast: 0.85 },
    },
    {
      work: '… its p99',
      comparedWith: 'the p99 of the same',
      measured: `${measured('p99')} ms`,
      ratio: ratioOf(compared, 'p99'),
      limit: { atMost: 1.3 },
    },
  ];
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
