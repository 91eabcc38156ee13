import pg from 'pg';
import { Fault, unavailable } from '../fault.ts';

/** Deadlock, or a conflict with another transaction: nothing has changed. */
const VICTIM_STATES = /^(40001|40P01)$/;
/** The server cancelled a statement, a lock or an idle transaction. */
const TIMED_OUT_STATES = /^(57014|55P03|25P03)$/;
/** Connection lost, server starting or stopping, too many connections, read-only after a failover. */
const AWAY_STATES = /^(08|57P0[1-5]|53[0-9]|57014|55P03|25006|25P03|40001|40P01)/;
const AWAY_CODES =
  /^(E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_AGAIN|NOENT|NOTFOUND)|ERR_STREAM|ERR_SOCKET)/;
/** The driver's own errors have no code. */
const AWAY_MESSAGES =
  /timeout|Connection terminated|Connection ended|not queryable|Client was closed|after calling end/i;

/**
 * A Citus coordinator reports some errors of its workers, and the loss of a worker, as internal
 * errors. Only the message distinguishes them.
 */
const INTERNAL_ERROR = 'XX000';
const STATES_BY_MESSAGE = [
  [/^duplicate key value violates unique constraint/, '23505'],
  [/^(?:deadlock detected|canceling the transaction since it was involved)/, '40P01'],
  [/^canceling statement due to lock timeout/, '55P03'],
  [/^canceling statement due to/, '57014'],
  [/connection (?:to the remote node|marked as essential|not open)|closed the connection/, '08006'],
  [/could not (?:connect|establish)|node .* is (?:in)?accessible/, '08006'],
] as const;

/** The SQLSTATE; empty if PostgreSQL did not report the error. */
function databaseState(error: unknown): string {
  if (!(error instanceof pg.DatabaseError)) return '';
  const { code = '', message } = error;
  if (code !== INTERNAL_ERROR) return code;
  return STATES_BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1] ?? code;
}

/** The constraint that a statement broke. */
export function brokenConstraint(error: unknown): string | undefined {
  if (!(error instanceof pg.DatabaseError)) return undefined;
  const { code, constraint, message } = error;
  const name = code === INTERNAL_ERROR ? /constraint "([^"]+)"/.exec(message)?.[1] : constraint;
  // The constraint of a shard has the number of the shard.
  return name?.replace(/_\d{6,}$/, '');
}

export const isVictim = (error: unknown): boolean => VICTIM_STATES.test(stateOf(error));

export const hasTimedOut = (error: unknown): boolean => TIMED_OUT_STATES.test(stateOf(error));

function stateOf(error: unknown): string {
  return databaseState(error instanceof Fault ? error.cause : error);
}

export const isConnectTimeout = (error: unknown): boolean =>
  error instanceof Error && /timeout/i.test(error.message);

export function translateError(error: unknown): Fault | unknown {
  if (!(error instanceof Error) || error instanceof Fault) return error;
  const given = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const code = databaseState(error) || given;
  const away =
    code === ''
      ? AWAY_MESSAGES.test(error.message)
      : AWAY_STATES.test(code) || AWAY_CODES.test(code);
  return away ? unavailable('The database', error) : error;
}
