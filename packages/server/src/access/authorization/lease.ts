import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Context } from '../../context.ts';
import { newId } from '../../kernel/ids.ts';
import type { Statement } from '../../kernel/postgres/database.ts';
import { departure, listen, renewal, sweep } from './lease-store.ts';

export const LEASE_MILLISECONDS = 2_000;
const RENEW_MILLISECONDS = 500;
/** A renewal without an answer for this long: the packets vanish, so the connection is dropped. */
const ANSWER_MILLISECONDS = 1_500;
/** For clocks that do not run equally fast: ours ends the lease before the database's does. */
const DRIFT_MILLISECONDS = 10;
const INITIAL_BACKOFF_MILLISECONDS = 50;
const MAX_BACKOFF_MILLISECONDS = 1_000;

/** The right of this node to use what it looked up before. */
export interface Lease {
  readonly nodeId: string;
  isLive(): boolean;
  /** Gives the lease back. */
  close(): Promise<void>;
}

/**
 * Takes a lease and keeps it, on a connection that also hears of changes; `forget` is called
 * whenever what was looked up earlier may be wrong. Returns after the first attempt, whether or not
 * it succeeded: without a lease everything works, with a look-up for each check.
 *
 * Why a live lease proves that the memory is right: whoever changes access waits until each node has
 * reported the change or its lease ran out by the database's clock. The node forgets before it
 * reports, and its own deadline counts from before the renewal was sent, so it is the earlier one.
 */
export async function openLease(
  { db, log }: Pick<Context, 'db' | 'log'>,
  forget: () => void,
): Promise<Lease> {
  const nodeId = newId('node', Date.now());
  const attempted = Promise.withResolvers<void>();
  let isClosed = false;
  /** By the monotonic clock, and by the wall clock too, because the first stops during a suspend. */
  let deadline = Number.NEGATIVE_INFINITY;
  let wallDeadline = Number.NEGATIVE_INFINITY;
  let seenEpoch = -1;
  let nudge = () => {};

  const isLive = () => performance.now() < deadline && Date.now() < wallDeadline;
  const drop = () => {
    deadline = Number.NEGATIVE_INFINITY;
  };
  /** Ends after a time, or when `nudge` is called. */
  const pause = (milliseconds: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    nudge = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  };
  const see = (epoch: number) => {
    forget();
    seenEpoch = epoch;
  };
  const ask = <Row extends pg.QueryResultRow>(
    client: pg.Client,
    statement: Statement,
    values: unknown[],
  ) => {
    const query = { ...statement, values, query_timeout: ANSWER_MILLISECONDS };
    return client.query<Row>(query);
  };

  /** False where there were changes that this node had not heard of: it has now, and asks again. */
  async function renew(client: pg.Client): Promise<boolean> {
    const [sentAt, wallSentAt, reported] = [performance.now(), Date.now(), seenEpoch];
    const values = [nodeId, LEASE_MILLISECONDS, reported];
    const epoch = (await ask<{ epoch: number }>(client, renewal, values)).rows[0]?.epoch;
    if (epoch === undefined) throw new Error('access_state has no row');
    if (epoch !== reported) {
      see(epoch);
      return false;
    }
    // Between two leases a change may have been made that waited for nobody.
    if (!isLive()) forget();
    deadline = sentAt + LEASE_MILLISECONDS - DRIFT_MILLISECONDS;
    wallDeadline = wallSentAt + LEASE_MILLISECONDS - DRIFT_MILLISECONDS;
    return true;
  }

  /** Returns when the authorizer closes; throws when the connection is lost. */
  async function hold(client: pg.Client, onRenewed: () => void): Promise<void> {
    let isLost = false;
    client.once('end', () => {
      isLost = true;
      drop();
      nudge();
    });
    client.on('notification', ({ payload }) => {
      if (Number(payload) <= seenEpoch) return;
      see(Number(payload));
      nudge();
    });
    await ask(client, listen, []);
    await ask(client, sweep, []);
    while (!isClosed && !isLost) {
      // Before the renewal, so that a notification that comes while it is under way is not missed.
      const due = pause(RENEW_MILLISECONDS);
      if (!(await renew(client))) continue;
      onRenewed();
      await due;
    }
    if (isLost) throw new Error('the connection that holds the access lease was closed');
    drop();
    await ask(client, departure, [nodeId]);
  }

  async function keep(): Promise<unknown> {
    let backoff = INITIAL_BACKOFF_MILLISECONDS;
    let isTroubled = false;
    const onRenewed = () => {
      if (isTroubled) log.info({ nodeId }, 'access lease regained');
      isTroubled = false;
      backoff = INITIAL_BACKOFF_MILLISECONDS;
      attempted.resolve();
    };
    while (!isClosed) {
      let client: pg.Client | undefined;
      try {
        client = await connectSoon(db);
        await hold(client, onRenewed);
      } catch (error) {
        if (!isTroubled && !isClosed) log.warn({ err: error, nodeId }, 'access lease lost');
        isTroubled = true;
      }
      drop();
      const goodbye = client?.end().catch(() => {});
      attempted.resolve();
      // Where the packets vanish, the goodbye is never answered.
      if (isClosed)
        return Promise.race([goodbye, sleep(ANSWER_MILLISECONDS, null, { ref: false })]);
      await pause(backoff);
      backoff = Math.min(backoff * 2, MAX_BACKOFF_MILLISECONDS);
    }
  }

  const kept = keep();
  await attempted.promise;
  return {
    nodeId,
    isLive,
    async close() {
      isClosed = true;
      drop();
      nudge();
      await kept;
    },
  };
}

/** `connect` bounds the time to open the connection, not the time to set its session up. */
async function connectSoon(db: Context['db']): Promise<pg.Client> {
  const connecting = db.connect('colloquy-access');
  const timer = new AbortController();
  const late = sleep(2 * ANSWER_MILLISECONDS, undefined, { signal: timer.signal });
  const client = await Promise.race([connecting, late.catch(() => undefined)]);
  timer.abort();
  if (client) return client;
  connecting.then(
    (late) => late.end(),
    () => {},
  );
  throw new Error('the database did not answer in time');
}
