import { PostgresStartError, startEmbeddedPostgres } from '@colloquy/embedded-postgres';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import { lockDataDir } from '../data-dir-lock.ts';
import { StartError } from '../start-error.ts';
import { checkDatabase } from './database-check.ts';
import type { ConnectionConfig } from './open-database.ts';

/**
 * The PostgreSQL of the settings: the one of DATABASE_URL, or the embedded one, which is started for
 * this process alone and stopped with the stack. StartError where it cannot be used.
 */
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
    throw error instanceof PostgresStartError
      ? new StartError(error.message, { cause: error })
      : error;
  });
  closing.defer(() => postgres.stop());
  return postgres.connection;
}
