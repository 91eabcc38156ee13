import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../kernel/fault.ts';
import type { Database, Tx } from '../../kernel/postgres/database.ts';
import { LEASE_MILLISECONDS } from './lease.ts';
import { announceEpoch, bumpEpoch, isAnyoneBehind } from './lease-store.ts';

const POLL_MILLISECONDS = 15;
/** No lease outlives a change by more than its length; the rest is for slow answers. */
const MAX_WAIT_MILLISECONDS = LEASE_MILLISECONDS + 1_000;

/** The memory of this node: it forgets by itself, so that a change does not wait for it. */
export interface OwnMemory {
  readonly nodeId: string;
  forget(): void;
}

/**
 * Changes who may use what, in one transaction, and returns when no node can act on what was before.
 * Changes run one after the other, so that a rule such as "one admin stays" holds.
 */
export async function changeAccess<T>(
  db: Database,
  work: (tx: Tx) => Promise<T>,
  own: OwnMemory | null = null,
): Promise<T> {
  let epoch = 0;
  const change = db.transaction(async (tx) => {
    epoch = await bumpEpoch(tx);
    return work(tx);
  });
  // Also after a failure: when the answer to COMMIT is lost, the change may have been made.
  const result = await change.finally(() => own?.forget());
  // A hint that saves waiting; a node that misses it sees the epoch when it renews its lease.
  await announceEpoch(db, epoch).catch(() => {});
  await untilAllHaveSeen(db, epoch, own?.nodeId ?? null);
  return result;
}

async function untilAllHaveSeen(
  db: Database,
  epoch: number,
  ownNodeId: string | null,
): Promise<void> {
  const end = performance.now() + MAX_WAIT_MILLISECONDS;
  while (await isAnyoneBehind(db, epoch, ownNodeId)) {
    if (performance.now() > end) {
      throw new Fault(
        'UNAVAILABLE',
        'The change is saved, but not every server has confirmed it; repeat the request to be sure.',
        { retryAfterSeconds: 1 },
      );
    }
    await sleep(POLL_MILLISECONDS);
  }
}
