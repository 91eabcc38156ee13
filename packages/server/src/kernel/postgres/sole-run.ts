import type { Database } from './database.ts';

/** Advisory locks of work that one process at a time may do on a database. */
const LOCKS = { 'move blobs': 7_236_441_908, 'take a backup': 7_236_441_909 } as const;

/** Locks a kind of work until `release` or the end of the process; null if another process has it. */
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
