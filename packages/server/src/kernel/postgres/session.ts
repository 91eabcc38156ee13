import pg from 'pg';

const PATIENCE_FACTOR = 10;
/** The server cancels a statement this much earlier than the node stops to wait for it. */
const MARGIN_MILLISECONDS = 100;

export interface Timeouts {
  readonly statement: number;
  /** For a connection: together with a statement, a client has an answer within 1.5 times `statement`. */
  readonly connect: number;
  readonly patient: number;
}

export function timeoutsOf(seconds: number): Timeouts {
  const statement = seconds * 1000;
  return { statement, connect: statement / 2, patient: statement * PATIENCE_FACTOR };
}

const parseTimestamp = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (
  text: string,
) => Date | number;

/** How values are read: bigint as number, timestamptz as milliseconds since 1970 (infinity stays). */
export const valueTypes = new pg.TypeOverrides();
// bigint columns hold ids and counts below 2^53, which validation and the counters guarantee.
valueTypes.setTypeParser(pg.types.builtins.INT8, Number);
valueTypes.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => parseTimestamp(text).valueOf());

// Planning takes ten times as long as executing; with Citus a generic plan goes to all shards.
const PLAN_MODE = `SELECT set_config('plan_cache_mode', CASE WHEN EXISTS
  (SELECT FROM pg_extension WHERE extname = 'citus') THEN 'auto' ELSE 'force_generic_plan' END, false)`;

const settingsText = ({ statement }: Timeouts) =>
  `SET timezone = 'UTC'; SET jit = off; ${PLAN_MODE}; SET synchronous_commit = on; SET lock_timeout = ${(statement * 5) / 6}; SET idle_in_transaction_session_timeout = ${statement * PATIENCE_FACTOR}`;

/** Makes the settings that statements rely on, whatever the configuration of the server is. */
export async function prepareSession(client: pg.ClientBase, timeouts: Timeouts): Promise<void> {
  await run(client, timeouts, settingsText(timeouts));
}

export async function preparePooledSession(client: pg.ClientBase, timeouts: Timeouts) {
  const timeout = timeouts.statement - MARGIN_MILLISECONDS;
  await run(client, timeouts, `${settingsText(timeouts)}; SET statement_timeout = ${timeout}`);
}

const run = (client: pg.ClientBase, { connect }: Timeouts, text: string) =>
  client.query({ text, query_timeout: connect } as pg.QueryConfig);

export const beginPatiently = ({ patient }: Timeouts) =>
  `BEGIN; SET LOCAL statement_timeout = ${patient - MARGIN_MILLISECONDS}; SET LOCAL lock_timeout = ${patient / 2}`;
