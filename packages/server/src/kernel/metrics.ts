import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One registry per App, so tests do not share one. */
export interface Metrics {
  readonly registry: Registry;
  observeRequest(op: string, status: number, seconds: number): void;
  /** The time of the last answer, by `performance.now()`. */
  servedAt(): number;
}

export function createMetrics(
  pool: () => { total: number; idle: number; waiting: number },
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'colloquy_db_pool_connections',
    help: 'Connections of the database pool by state; waiting are requests without one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(pool())) this.set({ state }, count);
    },
  });
  const requestSeconds = new Histogram({
    name: 'colloquy_request_seconds',
    help: 'Time to answer a request, by operation and HTTP status',
    labelNames: ['op', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  // Cached, because looking up a histogram by labels takes as long as the rest of observing.
  let servedAt = Number.NEGATIVE_INFINITY;
  const histogramOf = new Map<string, ReturnType<typeof requestSeconds.labels>>();
  return {
    registry,
    servedAt: () => servedAt,
    observeRequest(op, status, seconds) {
      servedAt = performance.now();
      const key = `${op} ${status}`;
      const histogram = histogramOf.get(key) ?? requestSeconds.labels(op, String(status));
      histogramOf.set(key, histogram);
      histogram.observe(seconds);
    },
  };
}
