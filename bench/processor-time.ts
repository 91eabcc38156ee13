import { readdir, readFile } from 'node:fs/promises';

/** Linux reports the times of processes in ticks of 10 ms. */
const TICK_MILLISECONDS = 10;

interface Times {
  readonly parent: number;
  readonly own: number;
  readonly ofEndedChildren: number;
}

/** Zeros for a process that has ended. */
async function timesOf(pid: number): Promise<Times> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in brackets, may contain spaces.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return {
    parent,
    own: (user + system) * TICK_MILLISECONDS,
    ofEndedChildren: (endedUser + endedSystem) * TICK_MILLISECONDS,
  };
}

/** Processor time of a process since its start, in milliseconds. */
export const processorTime = async (pid: number): Promise<number> => (await timesOf(pid)).own;

/** Processor time of all processes of the PostgreSQL of a backend, including those that have ended. */
export async function processorTimeOfPostgres(backend: number): Promise<number> {
  const { parent: postmaster } = await timesOf(backend);
  const { own, ofEndedChildren } = await timesOf(postmaster);
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const others = await Promise.all(pids.map(timesOf));
  const children = others.filter(({ parent }) => parent === postmaster);
  return children.reduce((sum, child) => sum + child.own, own + ofEndedChildren);
}
