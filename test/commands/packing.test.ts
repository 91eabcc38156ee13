import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { EXAMPLE_CONVERSATION, EXAMPLE_PUT, ops } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

let server: TestServer;
let folder: string;
let businessId: number;

/** The Node of the machine, which may be older than the pinned one. */
async function plainNode(): Promise<string> {
  for (const place of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(place, 'node');
    if (place.includes('node_modules') || !existsSync(node)) continue;
    const { stdout } = await run(node, ['--version']).catch(() => ({ stdout: '' }));
    if (Number(/^v(\d+)/.exec(stdout)?.[1]) >= 20) return node;
  }
  return process.execPath;
}

/**
 * Builds into a separate folder, because runs may be concurrent; returns the path of the tarball.
 */
async function pack(name: string): Promise<string> {
  const built = join(folder, 'built', name);
  const tsdown = join(ROOT, 'node_modules/tsdown/dist/run.mjs');
  await run(process.execPath, [tsdown, '--out-dir', built], { cwd: join(ROOT, 'packages', name) });
  const { stdout } = await run('npm', ['pack', built, '--json', '--pack-destination', folder]);
  const [packed] = Object.values(JSON.parse(stdout)) as { filename: string }[];
  return join(folder, `${packed?.filename}`);
}

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'colloquy-packing-'));
  businessId = await server.newBusiness();
  const sessionId = EXAMPLE_CONVERSATION.Id;
  await server.admin.putConversation({ businessId, sessionId, ...EXAMPLE_PUT } as never);
  const tarballs = [await pack('sdk'), await pack('cli')];
  await mkdir(join(folder, 'app'));
  await writeFile(join(folder, 'app/package.json'), '{"type":"module","private":true}');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], {
    cwd: join(folder, 'app'),
  });
}, 180_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const installed = (path: string) => join(folder, 'app/node_modules', path);
const environment = () => ({
  ...process.env,
  NODE_OPTIONS: '',
  COLLOQUY_URL: server.url,
  COLLOQUY_KEY: ADMIN_KEY,
});

describe('packed npm packages', { timeout: 120_000 }, () => {
  it('the packed SDK and command line contain JavaScript and types only', async () => {
    const sdk = await readdir(installed('@colloquy/sdk'));
    expect(sdk.filter((name) => name !== 'LICENSE').sort()).toEqual([
      'README.md',
      'index.d.ts',
      'index.js',
      'package.json',
    ]);
    const cli = await readdir(installed('@colloquy/cli'), { recursive: true });
    expect(cli.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))).toEqual([]);
    const all = await readdir(installed(''), { recursive: true });
    expect(all.filter((name) => name.startsWith('@colloquy/wire'))).toEqual([]);
  });

  it('the packed server contains the guide with its pictures', async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], {
      cwd: ROOT,
      maxBuffer: 16 * 1024 * 1024,
    });
    const [packed] = Object.values(JSON.parse(stdout)) as { files: { path: string }[] }[];
    const paths = new Set(packed?.files.map(({ path }) => path));
    const guide = await readdir(join(ROOT, 'docs'), { recursive: true });
    const wanted = guide.filter((path) => /\.(md|png)$/.test(path));
    expect(wanted.length).toBeGreaterThan(40);
    expect(wanted.filter((path) => !paths.has(`docs/${path}`))).toEqual([]);
  });

  it('the packed SDK reads a conversation on the Node of the machine', async () => {
    const script = `
      import { createClient, ColloquyError } from '@colloquy/sdk';
      const client = createClient({ baseUrl: process.env.COLLOQUY_URL, apiKey: process.env.COLLOQUY_KEY });
      const input = { businessId: ${businessId}, sessionId: 'session_abc123' };
      console.log(JSON.stringify(await client.getConversation(input)));
      const failure = await client.getConversation({ ...input, sessionId: 'no' }).catch((it) => it);
      if (!(failure instanceof ColloquyError)) throw failure;`;
    await writeFile(join(folder, 'app/read.js'), script);
    const { stdout } = await run(await plainNode(), ['read.js'], {
      cwd: join(folder, 'app'),
      env: environment(),
    });
    expect(JSON.parse(stdout)).toEqual(EXAMPLE_CONVERSATION);
  });

  it('the packed command line runs on the Node of the machine', async () => {
    const node = await plainNode();
    const colloquy = (...args: string[]) =>
      run(node, [installed('.bin/colloquy'), ...args], { env: environment() });
    const business = ['--business', String(businessId)];
    const read = await colloquy('get-conversation', ...business, '--session', 'session_abc123');
    expect(read.stderr).toBe('');
    expect(JSON.parse(read.stdout)).toEqual(EXAMPLE_CONVERSATION);
    await mkdir(join(folder, 'calls/recordings/one'), { recursive: true });
    await writeFile(join(folder, 'calls/a.ndjson'), JSON.stringify({ Id: 'one', ...EXAMPLE_PUT }));
    await writeFile(join(folder, 'calls/recordings/one/_mixed.mp3'), 'sound');
    const imported = await colloquy('import', join(folder, 'calls'), ...business, '--no-progress');
    expect(imported.stderr).toBe('');
    expect(imported.stdout).toContain('1 created');
    expect(imported.stdout).toContain('1 uploaded');
  });

  it('the types of the packed SDK pass a strict compiler without skipLibCheck', async () => {
    await writeFile(
      join(folder, 'app/consumer.ts'),
      `import { type Client, ColloquyError, createClient, type InputFor, type OutputOf } from '@colloquy/sdk';
      const client: Client = createClient({ baseUrl: 'http://127.0.0.1', apiKey: 'key' });
      const call: OutputOf<'GetConversation'> = await client.getConversation({ businessId: 1, sessionId: 's' });
      const status: 'Created' | 'WaitingForPrimaryClient' | 'Starting' | 'Active' | 'Paused' | 'Ending' | 'Completed' | 'Failed' = call.Status;
      const words: string[] = call.Messages.map((message) => message.Content);
      const input: InputFor<'GetConversations'> = { businessId: 1, Filter: { SessionEndTypes: ['Normal'] } };
      for await (const item of client.items('getConversations', input)) words.push(item.Id, status);
      for await (const page of client.pages('listUsers', {})) words.push(...page.Items.map((user) => user.Email));
      await client.putRecording({ businessId: 1, sessionId: 's', participantId: 'p', contentType: 'audio/wav', audio: new Blob([]) });
      // @ts-expect-error a number is wanted
      await client.getConversation({ businessId: '1', sessionId: 's' });
      // @ts-expect-error there is no such key
      call.Transcript;
      // @ts-expect-error that is no list
      client.items('getConversation', { businessId: 1, sessionId: 's' });
      try { await client.deleteConversation({ businessId: 1, sessionId: 's' }); }
      catch (error) { if (error instanceof ColloquyError && error.reason === 'GONE') words.push(error.code); }`,
    );
    const flags =
      '--noEmit --strict --exactOptionalPropertyTypes --target es2022 --module nodenext --skipLibCheck false --types';
    const tsc = join(ROOT, 'node_modules/typescript/lib/tsc.js');
    const args = [
      tsc,
      ...flags.split(' '),
      '',
      '--lib',
      'es2023,dom,dom.iterable,dom.asynciterable',
    ];
    const checked = await run(process.execPath, [...args, 'consumer.ts'], {
      cwd: join(folder, 'app'),
    }).catch((error) => error);
    expect(checked.stdout).toBe('');
    expect(checked.code).toBeUndefined();
  });

  it('the packed SDK is small and imports nothing of Node', async () => {
    const path = installed('@colloquy/sdk/index.js');
    const source = await readFile(path, 'utf8');
    const imported = [...source.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g)];
    expect(imported.map(([, name]) => name)).toEqual([]);
    expect(source).not.toMatch(/node:|\bBuffer\b|\bprocess\b|\brequire\b/);
    expect(source.length).toBeLessThan(8_000 + 250 * Object.keys(ops).length);
  });
});
