import type pg from 'pg';
import { StartError } from '../start-error.ts';

/** The release that the tests ran with; older ones miss what `place` uses. */
const OLDEST_CITUS = 13;
/** Time zones in which the text of a time is that of UTC. */
const UTC = new Set(['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT', 'UCT', 'Zulu', 'Universal']);

interface Node {
  readonly name: string;
  readonly isCoordinator: boolean;
  readonly hasShards: boolean;
}
interface NodeFacts {
  readonly timeZone: string;
  readonly prepared: number;
  readonly commit: string;
  readonly citus: string;
}

const NODES = `SELECT nodename || ':' || nodeport AS name, groupid = 0 AS "isCoordinator",
    shouldhaveshards AS "hasShards"
  FROM pg_dist_node WHERE isactive AND noderole = 'primary' ORDER BY groupid`;
const FACTS = `SELECT n.nodename || ':' || n.nodeport AS name, r.success, r.result
  FROM run_command_on_all_nodes($$
    SELECT json_build_object('timeZone', current_setting('TimeZone'),
      'prepared', current_setting('max_prepared_transactions')::int,
      'commit', current_setting('synchronous_commit'),
      'citus', extversion)
    FROM pg_extension WHERE extname = 'citus'
  $$) r JOIN pg_dist_node n USING (nodeid) ORDER BY n.groupid`;

/** Whether the database is a coordinator to which tables can be distributed. */
export async function hasWorkers(client: pg.ClientBase): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT FROM pg_extension WHERE extname = 'citus'`);
  if (rowCount === 0) return false;
  const { rows } = await client.query<Node>(NODES);
  return rows.some(isWorker);
}

const isWorker = ({ hasShards, isCoordinator }: Node) => hasShards && !isCoordinator;

/** StartError for a database that cannot be distributed, or whose nodes would give wrong answers. */
export async function checkCluster(client: pg.ClientBase): Promise<void> {
  const refuse: (problem: string) => never = (problem) => {
    throw new StartError(`the tables cannot be distributed: ${problem}`);
  };
  const { rowCount } = await client.query(`SELECT FROM pg_extension WHERE extname = 'citus'`);
  if (rowCount === 0) {
    refuse('the database has no extension citus; run CREATE EXTENSION citus on every node.');
  }
  const { rows: local } = await client.query<{ group: number }>(
    'SELECT groupid AS group FROM pg_dist_local_group',
  );
  if (local[0]?.group !== 0) refuse('DATABASE_URL names a worker; name the coordinator.');
  const { rows: nodes } = await client.query<Node>(NODES);
  if (!nodes.some(({ isCoordinator }) => isCoordinator)) {
    refuse(`the workers do not know the coordinator; run
  SELECT citus_set_coordinator_host('<its name in the network>').`);
  }
  if (!nodes.some(isWorker)) {
    refuse(`the cluster has no workers; run SELECT citus_add_node('<host>', 5432) for each.`);
  }
  for (const { name, facts, failure } of await askNodes(client)) {
    if (!facts) refuse(`${name} cannot be reached (${failure}).`);
    const problem = problemOf(facts);
    if (problem !== null) refuse(`${name} ${problem}`);
  }
}

/** For the start of a server, which works while a node is down. StartError as of `checkCluster`. */
export async function checkReachableNodes(client: pg.ClientBase): Promise<void> {
  for (const { name, facts } of await askNodes(client)) {
    const problem = facts && problemOf(facts);
    if (problem !== null) throw new StartError(`${name}, a node of the database, ${problem}`);
  }
}

async function askNodes(client: pg.ClientBase) {
  const { rows } = await client.query<{ name: string; success: boolean; result: string }>(FACTS);
  return rows.map(({ name, success, result }) => ({
    name,
    facts: success ? (JSON.parse(result) as NodeFacts) : null,
    failure: success ? null : result,
  }));
}

function problemOf({ timeZone, prepared, commit, citus }: NodeFacts): string | null {
  if (Number.parseInt(citus, 10) < OLDEST_CITUS) {
    return `has Citus ${citus}; ${OLDEST_CITUS} or newer is needed.`;
  }
  // A worker uses its own settings, not those of the session on the coordinator.
  if (!UTC.has(timeZone)) {
    return `has the time zone ${timeZone}; set timezone = 'UTC' in its postgresql.conf and reload it.`;
  }
  if (commit === 'off') {
    return `has synchronous_commit = off, so a crash loses acknowledged data; set it to on and reload it.`;
  }
  if (prepared === 0) {
    return `has max_prepared_transactions = 0; set it to max_connections and restart it.`;
  }
  return null;
}
