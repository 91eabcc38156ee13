import { PostgresStartError, startEmbeddedPostgres } from '@colloquy/embedded-postgres';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import { lockDataDir } from '../data-dir-lock.ts';
import { StartError } from '../start-error.ts';
import { checkDatabase } from './database-check.ts';
import type { ConnectionConfig } from './open-database.ts';

/** The PostgreSQL of DATABASE_URL, or an embedded one until `closing` is disposed. */
export async function openConnection(
  { databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
  log: Logger,
  closing: AsyncDisposableStack,
): Promise<ConnectionConfig> {
  if (databaseUrl !== null) {
    const connection = { connectionString: databaseUrl };
    await checkDatabase(connection);
    return connection;
  }
  const lock = await lockDataDir(dataDir);
  closing.defer(() => lock.release());
  const postgres = await startEmbeddedPostgres({ dataDir, log }).catch((error: unknown) => {
    if (!(error instanceof PostgresStartError)) throw error;
    throw new StartError(error.message, { cause: error });
  });
  closing.defer(() => postgres.stop());
  return postgres.connection;
}
