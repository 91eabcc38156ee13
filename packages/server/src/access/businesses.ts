import type { Clock } from '../base/clock.ts';
import type { Tx } from '../base/db.ts';
import { Fault } from '../base/fault.ts';
import { type Business, type BusinessChange, insertBusiness, updateBusiness } from './store.ts';

/** Runs a change of access: that of a gate, or `changeAccess` where there is none yet. */
interface Changes {
  change<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export interface NewBusiness {
  /** null: the next free number. */
  readonly businessId: number | null;
  readonly name: string;
  readonly ownerUserId: string | null;
  readonly timeZone?: string | null;
}

/** Faults: CONFLICT where the number is taken; INVALID_REQUEST where the owner is no user. */
export function createBusiness(
  gate: Changes,
  clock: Clock,
  wanted: NewBusiness,
): Promise<Business> {
  return gate.change(async (tx) => {
    for (;;) {
      const business = await insertBusiness(tx, {
        timeZone: null,
        ...wanted,
        createdAt: clock.now(),
      });
      if (business) return business;
      // Without a number of its own, the next round tries the next of the sequence.
      if (wanted.businessId === null) continue;
      throw new Fault(
        'CONFLICT',
        `There is a business ${wanted.businessId} already; choose another BusinessId, or none.`,
      );
    }
  });
}

/** Fault: NOT_FOUND. */
export function changeBusiness(
  gate: Changes,
  businessId: number,
  change: BusinessChange,
): Promise<Business> {
  return gate.change(async (tx) => {
    const business = await updateBusiness(tx, businessId, change);
    if (!business) throw new Fault('NOT_FOUND', `There is no business ${businessId}.`);
    return business;
  });
}
