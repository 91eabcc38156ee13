import { hash } from 'node:crypto';
import { type Db, statement } from './database.ts';

const SELECT_INSTALLATION = statement('base.selectInstallation', 'SELECT id FROM installation');

/** Copies of the database share it. */
export async function databaseId(db: Db): Promise<string> {
  const row = await db.row<{ id: string }>(SELECT_INSTALLATION, []);
  if (!row) throw new Error('installation has no row');
  return row.id;
}

/** Tells installations apart without a key, in answers that anyone may read. */
export const installationName = (id: string): string => hash('sha256', id).slice(0, 16);
