import { setTimeout as sleep } from 'node:timers/promises';
import { loopTime } from '../fair-share/loop-time.ts';
import { hasTimedOut, isVictim } from './errors.ts';

const ATTEMPTS = 3;
const STALL_MILLISECONDS = 500;

/**
 * Repeats what PostgreSQL rolled back, or what timed out while this node's event loop was blocked.
 */
export async function retryRolledBack<T>(
  milliseconds: number,
  work: () => Promise<T>,
  stalledBefore = loopTime.stalled(),
): Promise<T> {
  const begin = loopTime.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const hasStalled = loopTime.stalled() - stalledBefore > STALL_MILLISECONDS;
      const canRepeat = isVictim(error) || (hasStalled && hasTimedOut(error));
      const isLate = loopTime.now() - begin > milliseconds;
      if (!canRepeat || isLate || attempt === ATTEMPTS) throw error;
      // Without a pause it could take the lock that the other transaction waits for.
      await sleep(attempt * (25 + Math.random() * 50));
    }
  }
}
