import { execFile } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@colloquy/sdk';
import { EXAMPLE_CONVERSATION } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  isAlive,
  postmasterOf,
  ROOT,
  type ServerProcess,
  startServer,
  until,
} from '../servers/server-process.ts';
import { ADMIN_KEY } from '../servers/test-server.ts';

const DEMO_BUSINESS = 12345;
const MAX_INSTALLED_MIB = 350;
const run = promisify(execFile);

let folder: string;
let tarball: string;
let version: string;
let node: string;

const sbomPath = () => join(folder, 'sbom.json');

/** Programs that npm did not add to the path, so the Node of the machine runs npx. */
const plainPath = () =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((place) => !place.includes('node_modules'))
    .join(delimiter);

/** Keeps installations of npx apart from those of the user, but shares what was downloaded. */
async function makeCache(): Promise<string> {
  const { stdout } = await run('npm', ['config', 'get', 'cache']);
  const shared = join(stdout.trim(), '_cacache');
  const cache = join(folder, 'cache');
  await mkdir(shared, { recursive: true });
  await mkdir(cache);
  await symlink(shared, join(cache, '_cacache'));
  return cache;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-package-'));
  const { devDependencies, ...manifest } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  );
  [version, node] = [manifest.version, devDependencies.node];
  const built = await run(
    process.execPath,
    ['scripts/package/package.ts', '--out', join(folder, 'start'), '--sbom', sbomPath()],
    { cwd: ROOT },
  );
  tarball = built.stdout.trim();
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const serverOf = (cache: string, args: readonly string[], settings: Record<string, string> = {}) =>
  startServer(
    {
      PATH: plainPath(),
      LOG_LEVEL: 'info',
      DATA_DIR: join(folder, 'start/data'),
      NODE_COMPILE_CACHE: '',
      npm_config_cache: cache,
      ...settings,
    },
    { command: ['sh', '-c', `cd ${join(folder, 'start')} && exec ${args.join(' ')}`] },
  );

const pidOf = ({ logged }: ServerProcess): number => {
  const line = logged.find((text) => text.startsWith('{')) ?? '{}';
  return JSON.parse(line).pid;
};

async function sizeInMib(path: string): Promise<number> {
  const { stdout } = await run('du', ['-sk', path]);
  return Number.parseInt(stdout, 10) / 1024;
}

describe('the npm package', () => {
  test('the tarball contains compiled sources, data, the console and licences', async () => {
    expect(basename(tarball)).toBe(`colloquy-${version}.tgz`);
    const { stdout } = await run('tar', ['-tzf', tarball], { maxBuffer: 16 * 1024 * 1024 });
    const paths = stdout.split('\n');
    expect(paths.filter((path) => path.endsWith('.ts'))).toEqual([]);
    for (const path of ['LICENSE', 'THIRD-PARTY-LICENCES.txt']) {
      expect(paths).toContain(`package/${path}`);
    }
    const [threads, migrations] = await Promise.all([
      readdir(join(ROOT, 'packages/server/src'), { recursive: true }),
      readdir(join(ROOT, 'packages/server/migrations')),
    ]);
    const wanted = [
      ...threads
        .filter((path) => path.endsWith('.thread.ts'))
        .map((path) => `src/${path.replace(/\.ts$/, '.js')}`),
      ...migrations.map((path) => `migrations/${path}`),
    ];
    expect(wanted.length).toBeGreaterThan(40);
    expect(wanted.filter((path) => !paths.includes(`package/packages/server/${path}`))).toEqual([]);
  });

  test('npx starts the tarball in an empty folder, and the installed command starts it again', async () => {
    const cache = await makeCache();
    const npx = ['npx', '--yes', '--prefer-offline', `./${basename(tarball)}`];
    await using first = await serverOf(cache, npx, { DEMO: '1', BOOTSTRAP_API_KEY: '' });
    const key = /COLLOQUY_KEY=(\S+)/.exec(first.printed.join('\n'))?.[1] ?? '';
    const admin = createClient({ baseUrl: first.url, apiKey: key });
    await checkPages(first.url);
    await checkApi(admin);

    const [installation = ''] = await readdir(join(cache, '_npx'));
    const modules = join(cache, '_npx', installation, 'node_modules');
    expect(await sizeInMib(modules)).toBeLessThan(MAX_INSTALLED_MIB);
    await checkVersions(modules);
    await checkSbom(modules);

    const [pid, postmaster] = [pidOf(first), await postmasterOf(join(folder, 'start/data'))];
    await checkNode(pid, modules);
    await first.end('SIGTERM');
    // npx ends first.
    await until(() => !isAlive(pid) && !isAlive(postmaster));

    const command = join(modules, '.bin/colloquy');
    await using second = await serverOf(cache, [command], { DEMO: '0' });
    const { TotalCount } = await createClient({
      baseUrl: second.url,
      apiKey: ADMIN_KEY,
    }).getConversations({ businessId: DEMO_BUSINESS });
    expect(TotalCount).toBeGreaterThanOrEqual(60);
    await checkCommandLine(command, second.url);
    expect(await second.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});

async function checkPages(url: string): Promise<void> {
  const page = await (await fetch(url)).text();
  const [, script = ''] = /src="\.?\/?(assets\/[^"]+\.js)"/.exec(page) ?? [];
  const reference = await (await fetch(`${url}/docs`)).text();
  const [, viewer = ''] = /src="(docs\/assets\/viewer-[^"]+)"/.exec(reference) ?? [];
  const paths = [script, viewer, 'docs/guide/', 'docs/guide/images/overview.png', 'openapi.json'];
  for (const path of paths) {
    const answer = await fetch(`${url}/${path}`);
    expect(answer.status, path).toBe(200);
    expect((await answer.arrayBuffer()).byteLength, path).toBeGreaterThan(1_000);
  }
}

/** The demo is loaded, and a thread reads audio. */
async function checkApi(admin: ReturnType<typeof createClient>): Promise<void> {
  const { TotalCount } = await admin.getConversations({ businessId: DEMO_BUSINESS });
  expect(TotalCount).toBeGreaterThanOrEqual(60);
  const recorded: { sessionId: string; participantId: string }[] = [];
  for await (const { Id } of admin.items('getConversations', { businessId: DEMO_BUSINESS })) {
    const { Clients } = await admin.getConversation({ businessId: DEMO_BUSINESS, sessionId: Id });
    const heard = Clients.find(({ AudioUrl }) => AudioUrl !== null);
    if (heard) recorded.push({ sessionId: Id, participantId: heard.ClientId });
  }
  // One job after the other reads the recordings, in any order.
  await until(async () => {
    for (const place of recorded) {
      const input = { businessId: DEMO_BUSINESS, ...place };
      const peaks = await admin.getRecordingPeaks(input).catch(() => null);
      if (peaks?.Peaks[0]?.length) return true;
    }
    return false;
  });
}

type Packages = Readonly<Record<string, { readonly version?: string }>>;

/**
 * npm has installed the versions that the tests of this repository use. A package cannot name two versions of a
 * dependency, so npm chooses the second one, below the package that needs it.
 */
async function checkVersions(modules: string): Promise<void> {
  const read = async (path: string): Promise<Packages> =>
    JSON.parse(await readFile(path, 'utf8')).packages;
  const nameOf = (path: string) => path.split('node_modules/').at(-1) ?? '';
  const locked = Object.entries(await read(join(ROOT, 'package-lock.json')));
  const tested = new Set(locked.map(([path, { version }]) => `${nameOf(path)} ${version}`));
  const installed = Object.entries(await read(join(modules, '.package-lock.json')));
  // Types are never run, and Node has another name here.
  const isCode = (name: string) => !/^(@types\/|undici-types|colloquy|node-linux-)/.test(name);
  const others = installed
    .filter(([path]) => path.lastIndexOf('node_modules/') === 0)
    .map(([path, { version }]) => `${nameOf(path)} ${version}`)
    .filter((name) => isCode(name) && !tested.has(name));
  expect(installed.length).toBeGreaterThan(100);
  expect(others).toEqual([]);
}

/**
 * The bill of materials lists what npm installed and what is compiled, and nothing else. Versions of packages inside
 * another package are not compared, because npm can install newer ones.
 */
async function checkSbom(modules: string): Promise<void> {
  const sbom = JSON.parse(await readFile(sbomPath(), 'utf8'));
  const components = sbom.components as { name: string; 'bom-ref': string }[];
  const described = new Set(components.flatMap((one) => [one.name, one['bom-ref']]));
  const { packages } = JSON.parse(await readFile(join(modules, '.package-lock.json'), 'utf8'));
  const installed = Object.entries(packages as Packages).map(([path, { version }]) => {
    const [, name, ...below] = path.split('node_modules/');
    return below.at(-1) ?? `${name}@${version}`;
  });
  const licences = await readFile(join(modules, 'colloquy/THIRD-PARTY-LICENCES.txt'), 'utf8');
  const compiled = [...licences.matchAll(/^={80}\n(\S+) (\S+) \(/gm)].map(
    ([, name, version]) => `${name}@${version}`,
  );
  expect(compiled.length).toBeGreaterThan(50);
  const parts = [...installed, ...compiled, `node@${node}`];
  expect(parts.filter((part) => !described.has(part))).toEqual([`colloquy@${version}`]);
  // Builders of the console, and optional parts of compiled libraries.
  for (const name of ['vite', 'vitest', 'kysely', '@scalar/schemas']) {
    expect(described, name).not.toContain(name);
  }
}

async function checkNode(pid: number, modules: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const path = await readlink(`/proc/${pid}/exe`);
  expect(path.startsWith(await realpath(modules)), path).toBe(true);
  const { stdout } = await run(path, ['--version']);
  expect(stdout.trim()).toBe(`v${node}`);
}

async function checkCommandLine(command: string, url: string): Promise<void> {
  const env = { PATH: plainPath(), COLLOQUY_URL: url, COLLOQUY_KEY: ADMIN_KEY };
  const colloquy = (...args: string[]) => run(command, args, { env });
  expect((await colloquy('--version')).stdout.trim()).toBe(version);
  const { stdout } = await colloquy('--help');
  for (const name of ['doctor', 'migrate', 'get-conversation']) expect(stdout).toContain(name);
  const read = [
    'get-conversation',
    '--business',
    `${DEMO_BUSINESS}`,
    '--session',
    EXAMPLE_CONVERSATION.Id,
  ];
  expect(JSON.parse((await colloquy(...read)).stdout).Id).toBe(EXAMPLE_CONVERSATION.Id);
}
