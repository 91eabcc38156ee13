import { brokenConstraint } from '../../kernel/postgres/database.ts';

const MAX_RUNS = 3;

/** Retries a transaction if another one enqueued the same number in the campaign; the retry finds that call. */
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
