import { type Db, statement } from '../../kernel/postgres/database.ts';

const FIND = statement(
  'webhooks.find-policy',
  `SELECT redaction::json AS redaction, redaction_country AS country, is_disabled AS "isDisabled"
   FROM businesses WHERE business_id = $1`,
);

interface PolicyRow {
  readonly redaction: readonly string[] | null;
  readonly country: string | null;
  readonly isDisabled: boolean;
}

export async function findPolicy(db: Db, businessId: number): Promise<PolicyRow> {
  const row = await db.row<PolicyRow>(FIND, [businessId]);
  return row ?? { redaction: null, country: null, isDisabled: true };
}
