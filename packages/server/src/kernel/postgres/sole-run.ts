import type { Database } from './database.ts';

/** The numbers of what only one process may do at a time on a database. */
const LOCKS = { 'move blobs': 7_236_441_908, 'take a backup': 7_236_441_909 } as const;

/**
 * Takes a kind of work for this process alone, until `release` or the end of the process; null where
 * another one does it.
 */
export async function takeAlone(
  db: Database,
  work: keyof typeof LOCKS,
): Promise<{ release(): Promise<void> } | null> {
  const client = await db.connect('colloquy-alone');
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS taken',
    [LOCKS[work]],
  );
  if (rows[0]?.taken) return { release: () => client.end() };
  await client.end();
  return null;
}
