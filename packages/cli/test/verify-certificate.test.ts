import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callActions } from '../../../test/fixtures/kept-calls.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../../../test/servers/test-server.ts';
import { namedJobs } from '../../server/src/rooms.ts';
import { runCli } from './run-cli.ts';

let server: TestServer;
let businessId: number;
let folder: string;
let erased: string;
let erasure: Awaited<ReturnType<TestServer['admin']['getErasure']>>;
beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
  folder = await mkdtemp(join(tmpdir(), 'colloquy-certificate-'));
  erased = await callActions(() => ({ server, businessId })).finished(1);
  const { ErasureId: erasureId } = await server.admin.createErasure({
    businessId,
    ClientId: 'client',
    Mode: 'Erase',
    Reason: 'asked',
  });
  await namedJobs(server.app.ctx)['erase-person']?.({ businessId, erasureId });
  erasure = await server.admin.getErasure({ businessId, erasureId });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const verify = (args: string[], stdin: string, url = server.url) =>
  runCli(['verify-certificate', '-', ...args], { url, stdin });

it('verify-certificate accepts a certificate and shows whether it covers an id', async () => {
  const { code, stdout } = await verify(['--id', erased], JSON.stringify(erasure));
  expect(stdout).toContain('The certificate is valid.');
  expect(stdout).toContain('1 Conversations, 0 Recordings, 0 QueueEntries');
  expect(stdout).toContain(`${erased} is covered`);
  expect(code).toBe(0);
  const other = await verify(['--id', 'call_other'], erasure.Certificate ?? '');
  expect(other).toMatchObject({ code: 1 });
  expect(other.stdout).toContain('call_other is NOT covered');
});

it('verify-certificate needs no server with --keys; all nodes with the same SECRET have the same keys', async () => {
  const keys = join(folder, 'jwks.json');
  const given = await fetch(`${server.url}/.well-known/jwks.json`);
  expect(given.headers.get('cache-control')).toContain('public');
  await writeFile(keys, await given.text());
  const nowhere = 'http://127.0.0.1:9';
  const offline = await verify(['--keys', keys], erasure.Certificate ?? '', nowhere);
  expect(offline).toMatchObject({ code: 0, stderr: '' });
  const online = await verify([], erasure.Certificate ?? '', nowhere);
  expect(online).toMatchObject({ code: 2, stderr: expect.stringContaining('--keys') });
  await using second = await startTestServer({ connection: server.connection });
  expect(await (await fetch(`${second.url}/.well-known/jwks.json`)).json()).toEqual(
    await (await fetch(`${server.url}/.well-known/jwks.json`)).json(),
  );
});

it('verify-certificate rejects a certificate that was altered or signed with another key', async () => {
  const [head = '', payload = '', signature = ''] = (erasure.Certificate ?? '').split('.');
  const statement = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const other = Buffer.from(JSON.stringify({ ...statement, BusinessId: 999 })).toString(
    'base64url',
  );
  for (const certificate of [
    `${head}.${other}.${signature}`,
    `${head}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    `${head}.${payload}`,
    'nonsense',
  ]) {
    const { code, stderr, stdout } = await verify([], certificate);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('NOT valid');
  }
  const keys = join(folder, 'other.json');
  const { keys: own } = (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as {
    keys: { kid: string }[];
  };
  await writeFile(keys, JSON.stringify({ keys: own.map((key) => ({ ...key, kid: 'other' })) }));
  const stranger = await verify(['--keys', keys], erasure.Certificate ?? '');
  expect(stranger.stderr).toContain('not signed by any of these keys');
});

it('verify-certificate names the reason if a file has no certificate', async () => {
  const running = await verify(
    [],
    JSON.stringify({ ...erasure, Status: 'Running', Certificate: null }),
  );
  expect(running).toMatchObject({ code: 2, stderr: expect.stringContaining('is Running') });
  const broken = await verify([], '{');
  expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('not JSON') });
});

it('verify-certificate shows in how many conversations a number was replaced', async () => {
  const other = await server.newBusiness();
  const actions = callActions(() => ({ server, businessId: other }));
  await actions.finished(1, { Metadata: { back: '+49 30 23125060' } });
  const made = await runCli(
    ['create-erasure', '--business', String(other), '--phone-number', '+493023125060'].concat([
      '--mode',
      'Erase',
      '--reason',
      'asked',
      '--include-mentions',
      'true',
    ]),
    { url: server.url, key: ADMIN_KEY },
  );
  expect(made).toMatchObject({ code: 0 });
  const erasureId = /erasure_\w+/.exec(made.stdout)?.[0] ?? '';
  await namedJobs(server.app.ctx)['erase-person']?.({ businessId: other, erasureId });
  const { Certificate } = await server.admin.getErasure({ businessId: other, erasureId });
  const { stdout } = await verify([], Certificate ?? '');
  expect(stdout).toContain('mentions   replaced in 1, 0 under legal hold');
});
