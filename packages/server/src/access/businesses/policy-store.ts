import { createBatcher } from '../../kernel/postgres/batcher.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import { type Scope, systemScope } from '../authorization/scope.ts';
import { NO_QUOTAS, type Quotas } from './quotas.ts';

const find = statement(
  'access.find_policy',
  `SELECT is_disabled AS "isDisabled", is_editing_enabled AS "isEditingEnabled",
     redaction::json AS redaction, redaction_country AS "redactionCountry", quotas::json AS quotas
   FROM businesses WHERE business_id = $1`,
);

interface Policy {
  readonly isDisabled: boolean;
  readonly isEditingEnabled: boolean;
  readonly redaction: readonly string[] | null;
  readonly redactionCountry: string | null;
  readonly quotas: Quotas | null;
}

/** Requests of one turn share a statement. */
export const findPolicy = createBatcher(
  { most: 1_000, atOnce: 2 },
  async (db: Db, businessId, asks: readonly null[]) => {
    const policy = await db.row<Policy>(find, [businessId]);
    return asks.map(() => policy);
  },
);

/** For writes of the server in the name of a connection: with the limits of the business. */
export function scopeUnder(businessId: number, connectionId: string, policy: Policy): Scope {
  const { redaction, redactionCountry } = policy;
  const quotas = policy.quotas && { ...NO_QUOTAS, ...policy.quotas };
  return {
    ...systemScope(businessId),
    apiKeyId: connectionId,
    redaction,
    redactionCountry,
    quotas,
  };
}
