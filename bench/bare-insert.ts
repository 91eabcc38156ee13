import pg from 'pg';
import { answerParent } from './forked.ts';
import { type Measured, summarize } from './measured.ts';

export interface BareInsert {
  readonly connection: pg.ClientConfig;
  readonly connections: number;
  readonly milliseconds: number;
  readonly prefix: string;
  readonly steps: readonly { readonly eventIds: string[]; readonly payloads: string[] }[];
}

const INSERT = {
  name: 'insert',
  text: `INSERT INTO bench_events (business_id, conversation_id, event_id, seq, payload)
    SELECT $1, $2, e.event_id, $3 + e.n, e.payload
    FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS e(event_id, payload, n)`,
};

const pools = new Map<number, pg.Pool>();

function poolOf({ connection, connections }: BareInsert): pg.Pool {
  const pool = pools.get(connections) ?? new pg.Pool({ ...connection, max: connections });
  pools.set(connections, pool);
  return pool;
}

async function run(work: BareInsert): Promise<Measured> {
  const pool = poolOf(work);
  const clients = await Promise.all(Array.from({ length: work.connections }, () => pool.connect()));
  const times: number[] = [];
  const begin = performance.now();
  await Promise.all(
    clients.map(async (client, index) => {
      for (let call = 0; performance.now() - begin < work.milliseconds; call += 1) {
        let seq = 0;
        for (const { eventIds, payloads } of work.steps) {
          const sent = performance.now();
          const id = `${work.prefix}-${index}-${call}`;
          await client.query({ ...INSERT, values: [1, id, seq, eventIds, payloads] });
          times.push(performance.now() - sent);
          seq += eventIds.length;
        }
      }
      client.release();
    }),
  );
  return summarize(times, (performance.now() - begin) / 1000);
}

answerParent(run);
