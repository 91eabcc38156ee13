import type { Database } from './database.ts';

const LOCKS = { 'move blobs': 7_236_441_908, 'take a backup': 7_236_441_909 } as const;

/** null if another process does this work. */
export async function takeAlone(
  db: Database,
  work: keyof typeof LOCKS,
): Promise<{ release(): Promise<void> } | null> {
  const client = await db.connect('colloquy-alone');
  const text = 'SELECT pg_try_advisory_lock($1) AS taken';
  const { rows } = await client.query<{ taken: boolean }>(text, [LOCKS[work]]);
  if (rows[0]?.taken) return { release: () => client.end() };
  await client.end();
  return null;
}
