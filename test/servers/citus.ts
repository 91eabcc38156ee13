import type pg from 'pg';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { place } from '../../packages/server/src/kernel/citus/placement.ts';
import { inDatabase, migrateDatabase, run } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The nodes of a Citus cluster, the coordinator first; null for a PostgreSQL alone. */
    citusNodes: readonly CitusNode[] | null;
  }
}

export interface CitusNode {
  readonly host: string;
  readonly port: number;
}

/** Provides the cluster whose coordinator CITUS_DATABASE_URL names. */
export default async function setup(project: TestProject): Promise<void> {
  const coordinator = { connectionString: process.env.CITUS_DATABASE_URL ?? '' };
  const nodes = await run(coordinator, async (client) => {
    const { rows } = await client.query<CitusNode>(
      'SELECT nodename AS host, nodeport AS port FROM pg_dist_node WHERE isactive ORDER BY groupid',
    );
    return rows;
  });
  if (nodes.length < 2) throw new Error('the coordinator of CITUS_DATABASE_URL has no workers');
  project.provide('postgres', coordinator);
  project.provide('citusNodes', nodes);
  project.provide('preparedCluster', null);
}

/** Creates a database on each node, with all tables in their places. */
export async function createDistributed(name: string): Promise<void> {
  await createOnNodes(name);
  const connection = inDatabase(inject('postgres'), name);
  await migrateDatabase(connection);
  await run(connection, (client) => place(client, () => undefined));
}

/** Without tables. */
export async function createOnNodes(name: string): Promise<void> {
  const [coordinator, ...workers] = nodesOf();
  for (const node of nodesOf()) {
    await run(connectionTo(node), (client) => client.query(`CREATE DATABASE ${name}`));
    await run(connectionTo(node, name), (client) => client.query('CREATE EXTENSION citus'));
  }
  const connection = inDatabase(inject('postgres'), name);
  await run(connection, async (client) => {
    await client.query('SELECT citus_set_coordinator_host($1, $2)', [
      coordinator?.host,
      coordinator?.port,
    ]);
    for (const { host, port } of workers)
      await client.query('SELECT citus_add_node($1, $2)', [host, port]);
  });
}

export async function dropDistributed(name: string): Promise<void> {
  for (const node of nodesOf()) {
    await run(connectionTo(node), (client) =>
      client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
    );
  }
}

const nodesOf = (): readonly CitusNode[] => inject('citusNodes') ?? [];

export function connectionTo({ host, port }: CitusNode, database?: string): pg.ClientConfig {
  const url = new URL(inject('postgres').connectionString ?? '');
  url.hostname = host;
  url.port = String(port);
  if (database !== undefined) url.pathname = `/${database}`;
  return { connectionString: url.toString() };
}

/** The address of the node that has the rows of a business. */
export async function nodeOf(connection: pg.ClientConfig, businessId: number): Promise<string> {
  const { rows } = await run(connection, (client) =>
    client.query<{ address: string }>(
      `SELECT nodename || ':' || nodeport AS address FROM pg_dist_placement p
       JOIN pg_dist_node n USING (groupid)
       WHERE shardid = get_shard_id_for_distribution_column('conversations', $1::bigint)`,
      [businessId],
    ),
  );
  return rows[0]?.address ?? '';
}

export function splitAddress(address: string): CitusNode {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
}

/** The node refuses connections to this database and ends those it has, until `back`. */
export async function loseNode(connection: pg.ClientConfig, address: string) {
  const node = splitAddress(address);
  const { rows } = await run(connection, (client) =>
    client.query<{ name: string }>('SELECT current_database() AS name'),
  );
  const allow = (allowed: boolean) =>
    run(connectionTo(node), (client) =>
      client.query(`ALTER DATABASE ${rows[0]?.name} ALLOW_CONNECTIONS ${allowed}`),
    );
  await allow(false);
  await run(connectionTo(node), (client) =>
    client.query(
      'SELECT pg_terminate_backend(pid, 0::bigint) FROM pg_stat_activity WHERE datname = $1',
      [rows[0]?.name],
    ),
  );
  return { back: () => allow(true) };
}
