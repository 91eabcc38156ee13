import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { type BatchOptions, createBatcher } from '../../kernel/postgres/batcher.ts';
import type { Database, Tx } from '../../kernel/postgres/database.ts';
import { brokenConstraint } from '../../kernel/postgres/errors.ts';
import type { Direction } from '../calls/call.ts';
import { byDirection } from '../calls/call-rows.ts';

const MAX_RUNS = 3;

/** Another transaction enqueued the same number in the campaign; the retry finds that call. */
export async function retryNumberRaces<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let runs = 1; ; runs += 1) {
    try {
      return await run();
    } catch (error) {
      const isRace = brokenConstraint(error) === 'outbound_calls_number_once';
      if (!isRace || runs === MAX_RUNS) throw error;
    }
  }
}

/** Requests of a queue share a transaction, which `retryNumberRaces` retries. */
export const createQueueBatchers = <Request, Result>(
  options: BatchOptions,
  work: (
    tx: Tx,
    scope: Scope,
    direction: Direction,
    requests: readonly Request[],
  ) => Promise<Result[]>,
) =>
  byDirection((direction) =>
    createBatcher(options, (db, businessId, requests: readonly Request[]) =>
      retryNumberRaces(() =>
        (db as Database).transaction((tx) =>
          work(tx, systemScope(businessId), direction, requests),
        ),
      ),
    ),
  );
