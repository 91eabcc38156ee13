import { brokenConstraint } from '../../kernel/postgres/database.ts';

const MAX_RUNS = 3;

/**
 * Runs a transaction again if another one put a call to the same number into the same campaign meanwhile: the
 * next run finds that call.
 */
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
