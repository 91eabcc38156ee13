import { type Db, statement } from '../kernel/postgres/database.ts';

/** The progress of a job in steps. */
export interface Walk {
  readonly startedAt: number;
  readonly position: string | null;
  readonly isDone: boolean;
}

const SELECT_WALK = statement(
  'base.selectWalk',
  'SELECT started_at, position, is_done FROM walks WHERE name = $1',
);

export async function findWalk(db: Db, name: string): Promise<Walk | null> {
  const row = await db.row<{ started_at: number; position: string | null; is_done: boolean }>(
    SELECT_WALK,
    [name],
  );
  return row ? { startedAt: row.started_at, position: row.position, isDone: row.is_done } : null;
}

const UPSERT_WALK = statement(
  'base.upsertWalk',
  `INSERT INTO walks (name, started_at, position, is_done) VALUES ($1, $2, $3, $4)
   ON CONFLICT (name) DO UPDATE
      SET started_at = excluded.started_at, position = excluded.position,
          is_done = excluded.is_done`,
);

export async function saveWalk(db: Db, name: string, walk: Walk): Promise<void> {
  await db.rows(UPSERT_WALK, [name, new Date(walk.startedAt), walk.position, walk.isDone]);
}
