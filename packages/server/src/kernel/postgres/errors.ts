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

export const isVictim = (error: unknown): boolean => VICTIM_STATES.test(stateOf(error));

export const hasTimedOut = (error: unknown): boolean => TIMED_OUT_STATES.test(stateOf(error));

function stateOf(error: unknown): string {
  const cause = error instanceof Fault ? error.cause : error;
  return cause instanceof pg.DatabaseError ? (cause.code ?? '') : '';
}

export const isConnectTimeout = (error: unknown): boolean =>
  error instanceof Error && /timeout/i.test(error.message);

export function translateError(error: unknown): Fault | unknown {
  if (!(error instanceof Error) || error instanceof Fault) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const away =
    code === ''
      ? AWAY_MESSAGES.test(error.message)
      : AWAY_STATES.test(code) || AWAY_CODES.test(code);
  return away ? unavailable('The database', error) : error;
}
