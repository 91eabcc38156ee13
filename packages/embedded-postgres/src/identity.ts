import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A way to run PostgreSQL, which refuses to run as root. */
export interface Identity {
  readonly name: string;
  /** The owner of its files, as seen outside of a namespace. */
  readonly owner: Owner;
  spawn(file: string, args: readonly string[]): ChildProcess;
}

// PGDATA, PGPORT, LANG and others would change behavior. macOS needs a locale.
const env = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };

/** Best first: `owner`, then others that may have access, such as the owner of `file`. */
export async function findIdentities(owner: Owner, file: string): Promise<Identity[]> {
  const self: Owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const users = await readUsers();
  const namespaces = namespaceOf(self, users);
  if (self.uid !== 0) return [runDirectly(self), ...namespaces];
  const unprivileged = [owner, await stat(file), namedUser(users)]
    .filter((user) => user !== undefined)
    .filter(({ uid }) => uid !== 0);
  const distinct = new Map(unprivileged.map(({ uid, gid }) => [uid, { uid, gid }]));
  const switched = [...distinct.values()].map(switchUser);
  return owner.uid === 0 ? [...namespaces, ...switched] : [...switched, ...namespaces];
}

function runDirectly(owner: Owner): Identity {
  return { name: 'as this user', owner, spawn: (file, args) => spawn(file, args, options()) };
}

/** Another id inside the namespace, ours outside: enters folders that only we may enter. */
function namespaceOf(owner: Owner, users: readonly User[]): Identity[] {
  const inside = namedUser(users);
  if (process.platform !== 'linux' || inside === undefined) return [];
  const mapping = ['-U', `--map-user=${inside.uid}`, `--map-group=${inside.gid}`, '--'];
  const spawnMapped: Identity['spawn'] = (file, args) =>
    spawn('unshare', [...mapping, file, ...args], options());
  return [{ name: 'in a user namespace', owner, spawn: spawnMapped }];
}

function switchUser(owner: Owner): Identity {
  return {
    name: `as user ${owner.uid}`,
    owner,
    spawn: (file, args) => spawn(file, args, { ...options(), uid: owner.uid, gid: owner.gid }),
  };
}

/** Ctrl-C in a terminal must not reach PostgreSQL, which the server stops. */
function options(): SpawnOptions {
  return { env, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] };
}

interface User extends Owner {
  readonly name: string;
}

function namedUser(users: readonly User[]): User | undefined {
  return users.find(({ name }) => name === 'nobody') ?? users[0];
}

/** Not root. initdb requires that its user has a name. */
async function readUsers(): Promise<User[]> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return passwd
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid >= 0);
}
