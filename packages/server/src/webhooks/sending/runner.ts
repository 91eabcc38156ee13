import type pg from 'pg';
import { keepConnection, untilAborted } from '../../kernel/postgres/dedicated-connection.ts';
import { RUNNER_TOPIC } from '../webhook.ts';
import { findWithWebhooks, listWithWork } from '../webhook-store.ts';
import { BusinessRunner } from './business-runner.ts';
import { sendContextOf, type WebhookContext } from './send-context.ts';

const TIMEOUT_MILLISECONDS = 15_000;
const GRACE_MILLISECONDS = 3_000;
const LOCK_MILLISECONDS = 10_000;
const ALIVE = 'SELECT';
/** Of the times above; then PostgreSQL ends the session. */
const MAX_MISSED = 3;
const IDLE_TIMEOUT = `SELECT set_config('idle_session_timeout', $1, false)`;
const TRY_LOCK = 'SELECT pg_try_advisory_lock(hashtextextended($1, 7236441910)) AS taken';

export interface WebhookRunner {
  close(): Promise<void>;
}

interface RunnerOptions {
  readonly timeoutMs?: number;
  /** For answers of the database on the connection that holds the locks. */
  readonly lockTimeoutMs?: number;
}

/**
 * Makes and sends deliveries of the businesses whose locks this process gets. If it is killed,
 * PostgreSQL releases them, and another process sends what was not settled again.
 */
export function startWebhooks(
  ctx: WebhookContext,
  { timeoutMs = TIMEOUT_MILLISECONDS, lockTimeoutMs = LOCK_MILLISECONDS }: RunnerOptions = {},
): WebhookRunner {
  const sending = sendContextOf(ctx, timeoutMs);
  const { db, notifier, log, clock } = ctx;

  const ask = (client: pg.Client, text: string, values: readonly string[]) =>
    client.query<{ taken: boolean }>({ text, values, query_timeout: lockTimeoutMs } as never);

  async function hold(client: pg.Client, signal: AbortSignal, onReady: () => void): Promise<void> {
    const runners = new Map<number, BusinessRunner>();
    // If this host vanishes, PostgreSQL would keep the locks until TCP gives up, which takes hours.
    await ask(client, IDLE_TIMEOUT, [`${lockTimeoutMs * MAX_MISSED}ms`]);
    try {
      while (!signal.aborted && !notifier.isClosed) {
        const waiting = new AbortController();
        const end = () => waiting.abort();
        signal.addEventListener('abort', end, { once: true });
        const woken = notifier.wait(RUNNER_TOPIC, notifier.lookAgainMs, waiting.signal);
        await look(client, runners, signal);
        onReady();
        await woken;
        signal.removeEventListener('abort', end);
      }
      await untilAborted(signal);
    } finally {
      await Promise.all([...runners.values()].map((runner) => runner.close(GRACE_MILLISECONDS)));
    }
  }

  /** Rejects if the connection with the locks is lost. */
  async function look(
    client: pg.Client,
    runners: Map<number, BusinessRunner>,
    signal: AbortSignal,
  ): Promise<void> {
    // Also keeps the session from being idle.
    await ask(client, ALIVE, []);
    for (const businessId of await listOrNone(() => findWithWebhooks(db))) {
      if (runners.has(businessId) || signal.aborted) continue;
      const { rows } = await ask(client, TRY_LOCK, [`webhooks ${businessId}`]);
      if (rows[0]?.taken) runners.set(businessId, new BusinessRunner(sending, businessId));
    }
    const withWork = await listOrNone(() => listWithWork(db, clock.now()));
    for (const businessId of withWork) runners.get(businessId)?.kick();
  }

  /** A failed look-up must not end the requests under way; the next one is soon. */
  const listOrNone = (list: () => Promise<number[]>) =>
    list().catch((error: unknown) => {
      log.warn({ err: error }, 'could not look for webhooks with work; trying again');
      return [];
    });

  const connection = keepConnection({
    connect: () => db.connect('colloquy-webhooks'),
    hold,
    onLost: (error) => log.warn({ err: error }, 'sending webhooks was interrupted'),
  });
  return { close: () => connection.close() };
}
