import type { App } from '../packages/server/src/app.ts';

/** The statement of appends; the parameters of count deltas and audit events follow this many others. */
const COUNTING = { name: 'conversations.append', parameters: 25 };

interface Query {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Turns off counters and audit log of a server's appends, to measure their cost. */
export function stopCounting({ ctx }: App): void {
  const { pool } = ctx.db;
  const query = pool.query.bind(pool) as (query: Query) => unknown;
  const uncounted = ({ name, text, values }: Query) => {
    if (name !== COUNTING.name) return query({ name, text, values });
    const kept = values.map((value, at) => (at < COUNTING.parameters ? value : []));
    return query({ name, text, values: kept });
  };
  Object.assign(pool, { query: uncounted });
  Object.assign(ctx, { committed() {} });
}
