import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { DCLinter } from 'dclint';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../packages/server/src/config.ts';
import { settingsRead } from '../fixtures/settings.ts';
import { ROOT } from '../servers/server-process.ts';
import { SECRET } from '../servers/server-secrets.ts';
import { isRoot } from './image-build.ts';
import { COMPOSE_FILE, composeSettings, ofImage, readCompose } from './manifests.ts';

const run = promisify(execFile);
const { services, volumes } = readCompose();
const environment = services.server.environment ?? {};
/** Rules on the order of keys, which are sorted by meaning here, and on the kind of quotes. */
const NOT_CHECKED = [
  'service-keys-order',
  'services-alphabetical-order',
  'top-level-properties-order',
  'require-quotes-in-ports',
];

/** The package's own types are not found with Node's resolution. */
interface LintedFile {
  readonly messages: readonly { readonly line: number; readonly message: string }[];
}

const settings = composeSettings();

/** The host and the container's port of `<address>:<port>:<port>`. */
const portsOf = (service: 'store' | 'server') => {
  const [address, outside, inside] = services[service].ports?.[0]?.split(':') ?? [];
  return { address, outside, inside };
};

describe('compose.yaml', () => {
  test('compose.yaml is valid by the schema of the Compose specification and by a linter', () => {
    const rules = Object.fromEntries(NOT_CHECKED.map((rule) => [rule, 0 as const]));
    const linter = new DCLinter({ rules, quiet: true, debug: false, exclude: [] });
    const [linted]: LintedFile[] = linter.lintFiles([COMPOSE_FILE], false);
    expect(linted?.messages.map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
  });

  test('volumes, files and services that compose.yaml names exist', () => {
    for (const { volumes: mounted = [], depends_on = {}, build } of Object.values(services)) {
      if (build !== undefined) expect(existsSync(join(ROOT, build, 'Dockerfile'))).toBe(true);
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
      for (const source of mounted.map((volume) => volume.split(':')[0] ?? '')) {
        if (source.startsWith('.')) expect(existsSync(join(ROOT, source)), source).toBe(true);
        else expect(Object.keys(volumes)).toContain(source);
      }
    }
  });

  test('every variable of the server is a setting, and the server accepts the values', () => {
    const names = Object.keys(environment).filter((name) => !name.startsWith('AWS_'));
    expect(names.length).toBeGreaterThan(5);
    expect(settingsRead()).toEqual(expect.arrayContaining(names));
    const inFiles = names.filter((name) => name.endsWith('_FILE'));
    expect(inFiles.sort()).toEqual(['DATABASE_URL_FILE', 'SECRET_FILE']);
    const given = Object.entries(settings).filter(([name]) => !inFiles.includes(name));
    const secret = {
      SECRET: 'x'.repeat(64),
      DATABASE_URL: 'postgres://colloquy@postgres/colloquy',
    };
    const config = readConfig({ ...Object.fromEntries(given), ...secret });
    expect(config.s3?.bucket).toBe('recordings');
  });

  test('addresses and ports of the services agree', () => {
    const [server, store] = [portsOf('server'), portsOf('store')];
    expect(server).toMatchObject({ address: '127.0.0.1', inside: ofImage('EXPOSE') });
    expect(settings.PUBLIC_URL).toBe(`http://localhost:${server.outside}`);
    expect(settings.S3_PUBLIC_ENDPOINT).toBe(`http://localhost:${store.outside}`);
    expect(settings.S3_ENDPOINT).toBe(`http://store:${store.inside}`);
    const ofStore = services.store.environment ?? {};
    expect(ofStore.VGW_PORT).toBe(`:${store.inside}`);
    // The console plays recordings from the store.
    expect(ofStore.VGW_CORS_ALLOW_ORIGIN).toBe(environment.PUBLIC_URL);
    expect(services.store.entrypoint?.join('\n')).toContain(
      `mkdir -p "$$VGW_BACKEND_ARG/${environment.S3_BUCKET}"`,
    );
  });

  test('the server gets more time to stop than it gives to requests in progress', () => {
    expect(Number.parseInt(services.server.stop_grace_period ?? '', 10)).toBeGreaterThan(35);
  });

  test('compose.yaml contains no password', async () => {
    for (const service of Object.values(services)) {
      const given = Object.entries(service.environment ?? {}).filter(
        ([name, value]) => /PASSWORD|SECRET|TOKEN/.test(name) && value !== `\${${name}:-}`,
      );
      expect(given.filter(([name]) => !name.endsWith('_FILE'))).toEqual([]);
    }
    expect(await readFile(COMPOSE_FILE, 'utf8')).not.toMatch(/:\/\/\w+:\w+@/);
  });
});

describe.runIf(isRoot)('the secrets of compose.yaml', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'colloquy-secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const make = (env: Record<string, string> = {}) =>
    run('sh', [join(ROOT, 'deploy/compose/make-secrets.sh'), folder], {
      env: { PATH: process.env.PATH, ...env },
    });
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  const namesOf = async () => {
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    return found
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .sort();
  };
  const readAll = async () => {
    const names = await namesOf();
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await read(name)])),
    );
  };

  test('the first start makes long random secrets, which later starts keep', async () => {
    await make();
    const first = await readAll();
    const secrets = ['server/secret', 'postgres/password', 'store/secret-key'].map(
      (name) => first[name],
    );
    for (const secret of secrets) expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(secrets).size).toBe(3);
    await make();
    expect(await readAll()).toEqual(first);
  });

  test('a new installation takes over the secret of an earlier one', async () => {
    await make({ SECRET });
    expect(await read('server/secret')).toBe(SECRET);
    await make({ SECRET });
    expect(await read('server/secret')).toBe(SECRET);
  });

  test('a secret that is too short or differs from the stored one is refused', async () => {
    const refusalOf = async (env: Record<string, string>) =>
      (await make(env).catch((e) => e)).stderr;
    expect(await refusalOf({ SECRET: 'x'.repeat(31) })).toMatch(/^SECRET is too short/);
    expect(await namesOf()).toEqual([]);
    await make();
    const first = await readAll();
    expect(await refusalOf({ SECRET })).toMatch(/^This installation has another secret already/);
    expect(await readAll()).toEqual(first);
  });

  test('if no random numbers can be read, no secret is stored', async () => {
    const programs = await mkdtemp(join(tmpdir(), 'colloquy-programs-'));
    await writeFile(join(programs, 'od'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const failed = await make({ PATH: `${programs}:${process.env.PATH}` }).catch((error) => error);
    await rm(programs, { recursive: true });
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('were not made')]);
    expect(await namesOf()).toEqual([]);
  });

  test('there is a file for each one that compose.yaml names, readable only by its user', async () => {
    await make();
    const text = await readFile(COMPOSE_FILE, 'utf8');
    const named = [...text.matchAll(/\/run\/secrets\/(\w+\/[\w-]+)/g)].map(([, name = '']) => name);
    const made = await namesOf();
    expect(made).toEqual([...new Set(named)].sort());
    const uid = Number.parseInt(ofImage('USER'), 10);
    for (const name of made) {
      const isOfServer = Object.values(environment).includes(`/run/secrets/${name}`);
      const { mode, uid: owner } = await stat(join(folder, name));
      expect([name, mode & 0o777, owner]).toEqual([name, 0o600, isOfServer ? uid : 0]);
    }
  });

  test('each service sees only its own secrets, and only one writes them', () => {
    const mounts = Object.entries(services).map(([name, { volumes: mounted = [] }]) => {
      return [name, mounted.filter((volume) => volume.includes('/run/secrets'))] as const;
    });
    const others = ['postgres', 'store', 'server'] as const;
    expect(Object.fromEntries(mounts)).toEqual({
      secrets: others.map((name) => `secrets-of-${name}:/run/secrets/${name}`),
      ...Object.fromEntries(
        others.map((name) => [name, [`secrets-of-${name}:/run/secrets/${name}:ro`]]),
      ),
    });
    for (const name of others) {
      const used = JSON.stringify(services[name]).matchAll(/\/run\/secrets\/(\w+)\//g);
      expect(new Set([...used].map(([, folderName]) => folderName))).toEqual(new Set([name]));
    }
  });

  test('the server can use the secrets', async () => {
    await make();
    const at = (name: string) => settings[name]?.replace('/run/secrets', folder) ?? '';
    const { databaseUrl, secret } = readConfig({
      DATABASE_URL_FILE: at('DATABASE_URL_FILE'),
      SECRET_FILE: at('SECRET_FILE'),
    });
    expect(secret).toBe(await read('server/secret'));
    const { POSTGRES_USER, POSTGRES_DB } = services.postgres.environment ?? {};
    const url = new URL(databaseUrl ?? '');
    expect([url.username, url.password, url.host, url.pathname]).toEqual([
      POSTGRES_USER,
      await read('postgres/password'),
      'postgres:5432',
      `/${POSTGRES_DB}`,
    ]);
    const name = 'AWS_SHARED_CREDENTIALS_FILE';
    expect(Object.keys(environment).filter((one) => one.startsWith('AWS_'))).toEqual([name]);
    const script = `import { S3Client } from '@aws-sdk/client-s3';
      console.log(JSON.stringify(await new S3Client({}).config.credentials()));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: join(ROOT, 'packages/server'),
      env: { [name]: at(name) },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      accessKeyId: services.store.environment?.ROOT_ACCESS_KEY_ID,
      secretAccessKey: await read('store/secret-key'),
    });
  });
});
