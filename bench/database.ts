import { join } from 'node:path';
import { startEmbeddedPostgres } from '@colloquy/embedded-postgres';
import pg from 'pg';
import { pino } from 'pino';

export interface BenchDatabase extends AsyncDisposable {
  readonly connection: pg.ClientConfig;
  /** The same as a URL, for the setting of a server. */
  readonly url: string;
  readonly sql: pg.Pool;
}

/** The PostgreSQL of the installed packages, with the settings of production, on a new folder. */
export async function startDatabase(folder: string): Promise<BenchDatabase> {
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'database'),
    log: pino({ level: 'fatal' }),
  });
  const { connection } = postgres;
  const { host = '', port, user = '', database = '' } = connection;
  const sql = new pg.Pool({ ...connection, max: 4, application_name: 'bench' });
  return {
    connection,
    url: `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end();
      await postgres.stop();
    },
  };
}
