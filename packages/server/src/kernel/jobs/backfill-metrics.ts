import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import type { Metrics } from '../metrics.ts';
import type { Database } from '../postgres/database.ts';
import { sumBackfills } from './backfill-store.ts';

export function addBackfillGauges(
  { db, log, metrics }: { readonly db: Database; readonly log: Logger; readonly metrics: Metrics },
  names: readonly string[],
): void {
  let reading: Promise<void> | null = null;
  // A scrape collects all gauges concurrently; they share one statement.
  const collect = () => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['name'], registers: [metrics.registry], collect });
  const done = gauge('colloquy_backfill_rows_done', 'Rows that a backfill has done');
  const remaining = gauge(
    'colloquy_backfill_businesses_remaining',
    'Businesses in which a backfill is not finished',
  );
  const failing = gauge(
    'colloquy_backfill_businesses_failing',
    'Businesses in which the last batch of a backfill failed and waits for its retry',
  );

  async function read(): Promise<void> {
    if (names.length === 0) return;
    try {
      for (const { name, ...sum } of await sumBackfills(db, names)) {
        done.set({ name }, sum.rowsDone);
        remaining.set({ name }, sum.remaining);
        failing.set({ name }, sum.failing);
      }
    } catch (error) {
      // Other metrics stay readable without the database.
      log.debug({ err: error }, 'the progress of backfills could not be read');
    }
  }
}
