import { Counter, Gauge, type Registry } from 'prom-client';
import type { Context } from '../context.ts';
import { type Settled, sumLag } from './delivery-store.ts';

export interface WebhookMetrics {
  noteAttempt(settled: Pick<Settled, 'error' | 'status'>): void;
  /** Without an attempt, because the webhook is disabled. */
  noteParked(count: number): void;
}

/** What this process sends. */
export function webhookMetrics(registry: Registry): WebhookMetrics {
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name, help, labelNames: [label], registers: [registry] });
  const attempts = counter(
    'colloquy_webhook_attempts_total',
    'Requests to receivers of webhooks, by outcome',
    'outcome',
  );
  const deliveries = counter(
    'colloquy_webhook_deliveries_total',
    'Deliveries of webhooks that were delivered, or parked after their last attempt',
    'status',
  );
  // From the start, because increase() does not see the first value of a series.
  for (const outcome of ['accepted', 'failed']) attempts.inc({ outcome }, 0);
  for (const status of ['delivered', 'parked']) deliveries.inc({ status }, 0);
  return {
    noteAttempt({ error, status }) {
      attempts.inc({ outcome: error === null ? 'accepted' : 'failed' });
      if (status === 'Delivered') deliveries.inc({ status: 'delivered' });
      if (status === 'Parked') deliveries.inc({ status: 'parked' });
    },
    noteParked(count) {
      if (count > 0) deliveries.inc({ status: 'parked' }, count);
    },
  };
}

/** The state of the webhooks of all nodes; each node that answers requests shows it. */
export function addWebhookGauges({
  db,
  clock,
  log,
  metrics,
}: Pick<Context, 'db' | 'clock' | 'log' | 'metrics'>): void {
  const registers = [metrics.registry];
  const failing = new Gauge({
    name: 'colloquy_webhooks_failing',
    help: 'Enabled webhooks whose last request failed',
    registers,
  });
  new Gauge({
    name: 'colloquy_webhook_lag_seconds',
    help: 'For how long the delivery that waits longest could have been sent',
    registers,
    async collect() {
      try {
        const lag = await sumLag(db);
        const now = clock.now();
        failing.set(lag.failing);
        this.set(Math.max(0, now - (lag.oldestDueAt ?? now)) / 1000);
      } catch (error) {
        // Other metrics stay readable without the database.
        log.debug({ err: error }, 'the lag of webhooks could not be read');
      }
    },
  });
}
