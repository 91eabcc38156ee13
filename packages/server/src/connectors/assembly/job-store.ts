import { addJobText } from '../../kernel/jobs/jobs.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';

/** Writes the conversations of the deliveries of a business that are due. */
export const ASSEMBLE = 'assemble-conversations';

export interface AssembleBusiness {
  readonly businessId: number;
}

const ADD = statement(
  'connectors.add-assembly',
  `SELECT ${addJobText(ASSEMBLE, "json_build_object('businessId', $1::bigint)", {
    queue: `'${ASSEMBLE}:' || $1::text`,
    key: `'${ASSEMBLE}:' || $1::text`,
  })}`,
);

/** Adds the job unless one is waiting. One runs at a time for a business. */
export async function addAssembly(db: Db, businessId: number): Promise<void> {
  await db.rows(ADD, [businessId]);
}
