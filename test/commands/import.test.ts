import { createWriteStream } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { EXAMPLE_CONVERSATION, EXAMPLE_PUT } from '@colloquy/wire';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunOptions, runCli, runHere } from '../../packages/cli/test/run-cli.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

let testServer: TestServer;
let folder: string;
let businessId: number;
beforeAll(async () => {
  testServer = await startTestServer();
});
afterAll(() => testServer[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-import-'));
  businessId = await testServer.newBusiness();
  return () => rm(folder, { recursive: true, force: true });
});

function runImport(path: string, args: string[] = [], options: Partial<RunOptions> = {}) {
  return runHere(command(path, args), { url: testServer.url, key: ADMIN_KEY, ...options });
}

const command = (path: string, args: string[] = []) => [
  'import',
  path,
  '--business',
  String(businessId),
  ...args,
];

const call = (Id: string | null, changes: object = {}) => ({
  ...(Id !== null && { Id }),
  ...EXAMPLE_PUT,
  ...changes,
});

async function write(name: string, lines: readonly (object | string)[]): Promise<string> {
  const path = join(folder, name);
  const text = lines.map((it) => (typeof it === 'string' ? it : JSON.stringify(it))).join('\n');
  await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

async function idsIn(business: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const { Id } of testServer.admin.items('getConversations', { businessId: business }))
    ids.push(Id);
  return ids.sort();
}

/** A fake server; `reply` gets the number of the request, from 1. */
async function openFakeServer(reply: (n: number, response: ServerResponse) => void) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const n = requests;
    request.resume().on('end', () => reply(n, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function created(response: ServerResponse): void {
  response.writeHead(201).end('{"Success":true,"Data":{"Id":"x","Clients":[],"Agents":[]}}');
}

describe('colloquy import', () => {
  it('an import creates each conversation of the file once', async () => {
    const path = await write('calls.ndjson', [EXAMPLE_CONVERSATION, '', call('b'), call('c')]);
    const first = await runImport(path);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('3 created, 0 already existed, 0 failed.');
    expect(first.stderr).toMatch(/^100 % · \d of \d kB · 3 conversations · [\d,]+\/s\n$/);
    const read = await testServer.admin.getConversation({
      businessId,
      sessionId: 'session_abc123',
    });
    expect(read).toEqual(EXAMPLE_CONVERSATION);

    const again = await runImport(path, ['--no-progress']);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toContain('0 created, 3 already existed, 0 failed.');
    expect(await idsIn(businessId)).toEqual(['b', 'c', 'session_abc123']);
  });

  it('an import derives the same id each time for a conversation without Id', async () => {
    const source = { Source: { Provider: 'engine', ProviderCallId: 'c1' } };
    const path = await write('calls.jsonl', [call(null, source), call(null)]);
    await runImport(path);
    const ids = await idsIn(businessId);
    expect(ids).toHaveLength(2);
    await runImport(
      await write('more.jsonl', [call(null, { ...source, Metadata: { n: 1 } }), call(null)]),
    );
    expect(await idsIn(businessId)).toEqual(ids);
  });

  it('an import reads all files of a folder and reports invalid lines by file and number', async () => {
    await write('a.ndjson', [call('a1'), '{"Id":"a2",', '[]', call('a4', { Status: 'Nope' })]);
    await write('b.jsonl.gz', [call('b1'), call('b 2'), `{"Id":"b3","Id":"b3","Status":"Active"}`]);
    await writeFile(
      join(folder, 'c.ndjson.gz'),
      gzipSync(JSON.stringify(call('c1'))).subarray(0, 60),
    );
    await writeFile(join(folder, 'notes.txt'), 'nothing of this');
    const { code, stdout, stderr } = await runImport(folder, ['--no-progress']);
    expect(code).toBe(1);
    expect(stdout).toContain('Conversations: 2 created, 0 already existed, 6 failed.');
    const problems = stderr
      .trim()
      .split('\n')
      .map((line) => line.replace(`${folder}/`, ''))
      .sort();
    expect(problems).toEqual([
      expect.stringMatching(/^a\.ndjson:2: This is not JSON/),
      expect.stringMatching(/^a\.ndjson:3: This is not a JSON object\./),
      expect.stringMatching(/^a\.ndjson:4: Status .*\(PutConversation:INVALID_REQUEST\)$/),
      expect.stringMatching(/^b\.jsonl\.gz:2: Id must be/),
      expect.stringMatching(/^b\.jsonl\.gz:3: .*\(PutConversation:INVALID_JSON\)$/),
      expect.stringMatching(/^c\.ndjson\.gz: unexpected end of file$/),
    ]);
    expect(await idsIn(businessId)).toEqual(['a1', 'b1']);
  });

  it('an import accepts conversations as GetConversations returned them', async () => {
    await cp(join(import.meta.dirname, '../../samples/demo'), folder, { recursive: true });
    const demo = await runImport(folder, ['--no-progress']);
    expect(demo).toMatchObject({ code: 0, stderr: '' });
    const list = ['get-conversations', '--include', 'Messages,Logs', '--all', '--business'];
    const credentials = { url: testServer.url, key: ADMIN_KEY };
    const exported = await runHere([...list, String(businessId)], credentials);
    const copy = String(await testServer.newBusiness());
    await writeFile(join(folder, 'copy'), exported.stdout);
    const args = ['import', join(folder, 'copy'), '--business', copy, '--no-progress'];
    expect(await runHere(args, credentials)).toMatchObject({ code: 0, stderr: '' });
    const copied = await runHere([...list, copy], credentials);
    const words = (text: string) =>
      JSON.parse(`[${text.trim().replaceAll('\n', ',')}]`, (key, value) =>
        key === 'AudioUrl' || key === 'Recordings' ? undefined : value,
      );
    expect(words(copied.stdout)).toHaveLength(81);
    expect(words(copied.stdout)).toEqual(words(exported.stdout));
  });
});

describe('recordings of an import', () => {
  const audioOf = async (sessionId: string) =>
    (await testServer.admin.getConversation({ businessId, sessionId })).Recordings?.map(
      ({ ParticipantId, Bytes, ContentType }) => [ParticipantId, Bytes, ContentType],
    );
  async function record(session: string, name: string, bytes: number) {
    await mkdir(join(folder, 'recordings', session), { recursive: true });
    await writeFile(join(folder, 'recordings', session, name), Buffer.alloc(bytes, 7));
  }

  it('recordings in a folder next to the file are uploaded once', async () => {
    const path = await write('calls.ndjson', [call('one'), call('two'), call('three')]);
    await record('one', 'client_123.opus', 3000);
    await record('one', 'agent_xyz.mp3', 2000);
    await record('one', '_mixed.flac', 1000);
    await record('two', 'client_123.WAV', 500);
    await record('nobody', 'client_123.wav', 500);
    const first = await runImport(path, ['--no-progress']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('Recordings: 4 uploaded, 0 skipped, 0 failed.');
    expect(await audioOf('one')).toEqual(
      expect.arrayContaining([
        ['client_123', 3000, 'audio/ogg'],
        ['agent_xyz', 2000, 'audio/mpeg'],
        [null, 1000, 'audio/flac'],
      ]),
    );

    await record('two', 'client_123.WAV', 600);
    const again = await runImport(path, ['--no-progress']);
    expect(again.stdout).toContain('Recordings: 1 uploaded, 3 skipped');
    expect(await audioOf('two')).toEqual([['client_123', 600, 'audio/wav']]);
    const forced = await runImport(path, ['--no-progress', '--force-recordings']);
    expect(forced.stdout).toContain('Recordings: 4 uploaded, 0 skipped, 0 failed.');
  });

  it('recordings are uploaded with the StartTime of the line, and again if it changes', async () => {
    const line = (client: string) => ({
      ...call('one'),
      Recordings: [
        { ParticipantId: 'client_123', Kind: 'Participant', StartTime: client },
        { ParticipantId: null, Kind: 'Mixed', StartTime: '2024-01-15T14:29:58.5Z' },
        null,
        { ParticipantId: 'agent_xyz' },
      ],
    });
    for (const name of ['client_123.ogg', '_mixed.wav', 'agent_xyz.mp3']) {
      await record('one', name, 100);
    }
    const starts = async () => {
      const { Recordings = [] } = await testServer.admin.getConversation({
        businessId,
        sessionId: 'one',
      });
      return new Map(Recordings.map((it) => [it.ParticipantId, it.StartTime]));
    };
    const path = await write('calls.ndjson', [line('2024-01-15T16:30:02+02:00')]);
    expect(await runImport(path, ['--no-progress'])).toMatchObject({ code: 0, stderr: '' });
    expect(await starts()).toEqual(
      new Map([
        ['agent_xyz', undefined],
        ['client_123', '2024-01-15T14:30:02Z'],
        [null, '2024-01-15T14:29:58.500Z'],
      ]),
    );
    await write('calls.ndjson', [line('2024-01-15T14:30:03Z')]);
    const again = await runImport(path, ['--no-progress']);
    expect(again.stdout).toContain('Recordings: 1 uploaded, 2 skipped');
    expect((await starts()).get('client_123')).toBe('2024-01-15T14:30:03Z');
  });

  it('recordings that match no participant are reported, and the others are uploaded', async () => {
    const path = await write('calls.ndjson', [call('one'), call('b d')]);
    for (const name of [
      'stranger.wav',
      'client_123.amr',
      'agent_xyz.mp3',
      'agent_xyz.wav',
      'client_123.ogg',
      '.hidden',
    ])
      await record('one', name, 100);
    await record('one', '_mixed.wav', 0);
    const { code, stdout, stderr } = await runImport(path, ['--no-progress']);
    expect(code).toBe(1);
    expect(stdout).toContain('Conversations: 1 created, 0 already existed, 1 failed.');
    expect(stdout).toContain('Recordings: 2 uploaded, 0 skipped, 4 failed.');
    for (const name of [
      'stranger.wav: stranger is no',
      'client_123.amr: The extension',
      'agent_xyz.wav: agent_xyz.mp3',
      '_mixed.wav: ',
    ])
      expect(stderr).toContain(`recordings/one/${name}`);
  });

  it('--recordings names another folder, and the import says if it contains no recording of the file', async () => {
    const path = await write('calls.ndjson', [call('one')]);
    await record('other', 'client_123.wav', 100);
    const args = ['--no-progress', '--recordings', join(folder, 'recordings')];
    const { code, stdout } = await runImport(path, args);
    expect(code).toBe(0);
    expect(stdout).toContain('None of their recordings is in');
    const missing = await runImport(path, ['--recordings', join(folder, 'nothing')]);
    expect(missing).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('errors that stop an import', () => {
  const lines = Array.from({ length: 50 }, (_, n) => call(`call-${n}`));

  it.each([
    ['the server does not answer', { url: 'http://127.0.0.1:9' }, 'npm start', 1],
    ['there is no key', { key: '' }, 'COLLOQUY_KEY is not set', 2],
    ['the key is wrong', { key: 'wrong' }, 'set COLLOQUY_KEY to a valid one', 1],
    ['the URL is invalid', { url: 'localhost' }, 'COLLOQUY_URL is "localhost"', 2],
  ])('an import stops with one sentence if %s', async (_when, options, sentence, code) => {
    const run = await runImport(await write('calls.ndjson', lines), [], options);
    expect(run).toMatchObject({ code, stdout: '' });
    expect(run.stderr).toContain(sentence);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('an import stops with one sentence if the key may not use or write the business', async () => {
    const path = await write('calls.ndjson', lines);
    const reader = await testServer.newKey(businessId, {
      'Conversations.ConversationPermissions': ['Retrieving'],
    });
    const refused = await runImport(path, [], { key: reader });
    expect(refused.stderr).toMatch(/^[^\n]+\(PutConversation:PERMISSION_DENIED\)\n$/);
    const elsewhere = await testServer.newKey(await testServer.newBusiness());
    const denied = await runImport(path, [], { key: elsewhere });
    expect(denied.stderr).toMatch(/^[^\n]+\(PutConversation:BUSINESS_ACCESS_DENIED\)\n$/);
    expect([refused.code, denied.code]).toEqual([1, 1]);
  });

  it('an import stops at a quota, and continues after an admin has raised it', async () => {
    const set = (ConversationsPerMonth: number | null) =>
      testServer.admin.updateBusiness({
        businessId,
        Quotas: { ConversationsPerMonth, MinutesPerMonth: null, StoredBytes: null },
      });
    await set(2);
    const ids = Array.from({ length: 40 }, (_, n) => `call-${String(n).padStart(2, '0')}`);
    const path = await write(
      'calls.ndjson',
      ids.map((id) => call(id)),
    );
    const stopped = await runImport(path, ['--no-progress']);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain('its quota is 2 a month; ask an admin of the server');
    expect((await idsIn(businessId)).length).toBeLessThan(40);
    await set(null);
    expect(await runImport(path, ['--no-progress'])).toMatchObject({ code: 0, stderr: '' });
    expect(await idsIn(businessId)).toEqual(ids);
  });

  it('an import stops with one sentence if there is no file to import', async () => {
    for (const path of [folder, join(folder, 'none.ndjson')]) {
      const run = await runImport(path);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toMatch(/^[^\n]+\n$/);
    }
  });

  it('an import stops with one sentence if the server is not Colloquy', async () => {
    await using fakeServer = await openFakeServer((_n, response) => response.end('<html>'));
    const run = await runImport(await write('calls.ndjson', lines), [], { url: fakeServer.url });
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/^[^\n]+\(PutConversation:UNEXPECTED_ANSWER\)\n$/);
  });

  it('an interrupted import can be run again to continue', async () => {
    let answered = 0;
    await using fakeServer = await openFakeServer((n, response) => {
      if (n > 20) return;
      answered += 1;
      created(response);
    });
    const path = await write('calls.ndjson', lines);
    const run = await runCli(command(path, ['--no-progress']), {
      url: fakeServer.url,
      key: ADMIN_KEY,
      onStart: (child) => {
        const waiting = setInterval(() => {
          if (fakeServer.requests() <= 20) return;
          clearInterval(waiting);
          child.kill('SIGINT');
        }, 20);
      },
    });
    expect(run.code).toBe(130);
    expect(run.stderr).toContain('Run the import again to continue');
    expect(run.stdout).toContain(`${answered} created`);
    expect((await runImport(path)).stdout).toContain('50 created');
  });
});

describe('a busy server', () => {
  it('an import retries 429 and 503 answers more often than the SDK does', async () => {
    const refuse = (response: ServerResponse, status: number) =>
      response
        .writeHead(status, { 'Retry-After': '0' })
        .end('{"Success":false,"Code":"PutConversation:UNAVAILABLE","Message":"Not now."}');
    await using fakeServer = await openFakeServer((n, response) => {
      if (n <= 10) refuse(response, n % 2 ? 429 : 503);
      else created(response);
    });
    const path = await write('calls.ndjson', [call('a'), call('b')]);
    const run = await runImport(path, ['--concurrency', '1'], { url: fakeServer.url });
    expect(run).toMatchObject({ code: 0 });
    expect(fakeServer.requests()).toBe(12);
  });
});

describe('a large file', () => {
  const MEGABYTES = 60;

  function* largeFile() {
    const Messages = Array.from({ length: 40 }, (_, n) => ({
      ...EXAMPLE_PUT.Messages[0],
      Content: `${n} ${'word '.repeat(30)}`,
    }));
    for (let bytes = 0, n = 0; bytes < MEGABYTES * 1e6; n += 1) {
      const Logs =
        n % 2000 === 1999
          ? Array.from({ length: 15 }, () => ({ ...EXAMPLE_PUT.Logs[0], Message: 'x'.repeat(1e6) }))
          : [];
      const line = `${JSON.stringify(call(`call-${n}`, { Messages, Logs }))}\n`;
      bytes += line.length;
      yield line;
    }
  }

  it('an import streams a large file without holding it in memory', async () => {
    const path = join(folder, 'large.ndjson');
    await pipeline(Readable.from(largeFile()), createWriteStream(path));
    await using fakeServer = await openFakeServer((_n, response) => created(response));
    const run = await runCli(command(path), { url: fakeServer.url, key: ADMIN_KEY });
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/100 % · (\d+) of \1 MB/);
    if (process.platform === 'linux') expect(run.peakMegabytes).toBeGreaterThan(30);
    expect(run.peakMegabytes ?? 0).toBeLessThan(280);
  });
});
