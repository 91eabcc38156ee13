import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A way to run PostgreSQL, which refuses to run as root. */
export interface Identity {
  /** For messages, such as "in a user namespace". */
  readonly name: string;
  /** Who owns the files that it makes, as everybody else sees them. */
  readonly owner: Owner;
  spawn(file: string, args: readonly string[]): ChildProcess;
}

// Nothing of our own environment: PGDATA, PGPORT, LANG and their like would change what it does.
// macOS wants a locale to be set.
const env = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * The ways worth trying, best first: that of `owner`, who owns the data or the folder it comes into,
 * then others that may get there, as may the owner of the program `file`.
 */
export async function findIdentities(owner: Owner, file: string): Promise<Identity[]> {
  const self: Owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const users = await readUsers();
  const namespaces = namespaceOf(self, users);
  if (self.uid !== 0) {
    // The namespace serves a user id that has no name, without which initdb does not work.
    return [runDirectly(self), ...namespaces];
  }
  const unprivileged = [owner, await stat(file), namedUser(users)]
    .filter((user) => user !== undefined)
    .filter(({ uid }) => uid !== 0);
  const distinct = new Map(unprivileged.map(({ uid, gid }) => [uid, { uid, gid }]));
  const switched = [...distinct.values()].map(switchUser);
  return owner.uid === 0 ? [...namespaces, ...switched] : [...switched, ...namespaces];
}

function runDirectly(owner: Owner): Identity {
  return {
    name: 'as this user',
    owner,
    spawn: (file, args) => spawn(file, args, options()),
  };
}

/**
 * Inside the namespace the process has another user's id, outside of it still ours: it may enter
 * all that we own, also below a folder that nobody else may enter. `unshare` replaces itself by
 * what it runs, so signals reach that.
 */
function namespaceOf(owner: Owner, users: readonly User[]): Identity[] {
  const inside = namedUser(users);
  if (process.platform !== 'linux' || inside === undefined) return [];
  const mapping = ['-U', `--map-user=${inside.uid}`, `--map-group=${inside.gid}`, '--'];
  return [
    {
      name: 'in a user namespace',
      owner,
      spawn: (file, args) => spawn('unshare', [...mapping, file, ...args], options()),
    },
  ];
}

function switchUser(owner: Owner): Identity {
  return {
    name: `as user ${owner.uid}`,
    owner,
    spawn: (file, args) => spawn(file, args, { ...options(), uid: owner.uid, gid: owner.gid }),
  };
}

/** `detached`: Ctrl-C in a terminal goes to us alone, and we end PostgreSQL when we are done. */
function options(): SpawnOptions {
  return { env, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] };
}

interface User extends Owner {
  readonly name: string;
}

function namedUser(users: readonly User[]): User | undefined {
  return users.find(({ name }) => name === 'nobody') ?? users[0];
}

/** The users of this machine but root, for initdb asks what its user is called. */
async function readUsers(): Promise<User[]> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return passwd
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid >= 0);
}
