import { cpus, totalmem } from 'node:os';
import type pg from 'pg';

export async function describeMachine(sql: pg.Pool): Promise<string> {
  const { rows } = await sql.query<{ server_version: string }>('SHOW server_version');
  const models = new Set(cpus().map(({ model }) => model.trim()));
  return [
    [...models].join(', '),
    `${cpus().length} cores`,
    `${Math.round(totalmem() / 2 ** 30)} GiB memory`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${rows[0]?.server_version}`,
    new Date().toISOString().slice(0, 10),
  ].join(' · ');
}
