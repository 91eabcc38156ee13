import pg from 'pg';

type OnConnect = Parameters<pg.Pool['connect']>[0];

/**
 * Connections may be returned twice. Graphile Worker does so with the one that listens if that
 * fails while the worker stops; the pool's error would end the process.
 */
export class JobPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(onConnect: OnConnect): void;
  override connect(onConnect?: OnConnect): Promise<pg.PoolClient> | undefined {
    if (onConnect === undefined) return super.connect();
    super.connect((failure, client, release) => {
      let isReturned = false;
      onConnect(failure, client, (error) => {
        if (!isReturned) release(error);
        isReturned = true;
      });
    });
    return undefined;
  }
}
