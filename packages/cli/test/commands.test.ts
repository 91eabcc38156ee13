import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLE_CONVERSATION, EXAMPLE_PUT, IDEMPOTENCY_KEY, type Op, ops } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, startTestServer, type TestServer } from '../../../test/servers/test-server.ts';
import { kebabCase } from '../src/op-options.ts';
import { runCli } from './run-cli.ts';

let server: TestServer;
let business: string;
beforeAll(async () => {
  server = await startTestServer();
  business = String(await server.newBusiness());
});
afterAll(() => server[Symbol.asyncDispose]());

const run = (args: string[], stdin = '') =>
  runCli(args, { url: server.url, key: ADMIN_KEY, stdin });
const session = () => ['--business', business, '--session', EXAMPLE_CONVERSATION.Id];

describe('colloquy', () => {
  it('has a command for every operation', async () => {
    const { stdout, code } = await run(['--help']);
    for (const { name, download, eventStream } of Object.values<Op>(ops)) {
      const own = download === undefined ? kebabCase(name) : '  backup ';
      expect(stdout).toContain(eventStream ? '  tail ' : own);
    }
    expect(stdout).toContain('COLLOQUY_KEY');
    expect(code).toBe(0);
  });

  it('shows the descriptions of the contract in the help of a command', async () => {
    const { stdout, code } = await run(['initiate-call', '--help']);
    const words = stdout.replaceAll(/\s+/g, ' ');
    const shown = [
      ops.InitiateCall.summary,
      ops.InitiateCall.description.split('\n')[0] ?? '',
      IDEMPOTENCY_KEY.description,
      'The id of the business',
    ];
    for (const text of shown) expect(words).toContain(text.replaceAll('`', ''));
    expect(words).toContain(`--idempotency-key ${IDEMPOTENCY_KEY.example}`);
    expect(code).toBe(0);
  });

  it('sends a body from the standard input and prints it when read back', async () => {
    const put = await run(
      ['put-conversation', ...session(), '--body', '-'],
      JSON.stringify(EXAMPLE_PUT),
    );
    expect(put).toMatchObject({ code: 0, stderr: '' });
    const get = await run(['get-conversation', ...session()]);
    expect(get.stdout).toBe(`${JSON.stringify(EXAMPLE_CONVERSATION)}\n`);
  });

  it('accepts plain values of the body as options together with --body @file', async () => {
    const path = join(tmpdir(), `colloquy-body-${process.pid}.json`);
    await writeFile(path, JSON.stringify({ Name: 'From the file', OwnerUserId: null }));
    const made = await run(['create-business', '--body', `@${path}`, '--name', 'From the option']);
    await rm(path);
    expect(JSON.parse(made.stdout)).toMatchObject({ Name: 'From the option' });
    const id = String(JSON.parse(made.stdout).BusinessId);
    const changed = await run(['update-business', '--business', id, '--is-disabled']);
    expect(JSON.parse(changed.stdout)).toMatchObject({ IsDisabled: true });
    const user = await run(['create-user', '--email', 'cli@example.com', '--name', 'Cli']);
    const { UserId } = JSON.parse(user.stdout);
    const key = await run([
      'create-api-key',
      '--user',
      UserId,
      '--name',
      'k',
      '--business-ids',
      `${business}`,
    ]);
    expect(key.stderr).toContain('CreateApiKey:');
  });

  it('put-recording sends the StartTime of --start-time', async () => {
    const path = join(tmpdir(), `colloquy-start-${process.pid}.mp3`);
    await writeFile(path, 'no sound');
    const put = (...options: string[]) =>
      run(['put-recording', ...session(), '--participant', '_mixed', '--file', path, ...options]);
    const startTime = async () => {
      const { stdout } = await run(['get-conversation', ...session()]);
      return JSON.parse(stdout).Recordings[0].StartTime;
    };
    expect(await put('--start-time', '2026-02-28T15:30:04.25+01:00')).toMatchObject({ code: 0 });
    expect(await startTime()).toBe('2026-02-28T14:30:04.250Z');
    const refused = await put('--start-time', '2026-02-28T15:30:04');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('with an offset') });
    expect(await startTime()).toBe('2026-02-28T14:30:04.250Z');
    expect(await put()).toMatchObject({ code: 0 });
    expect(await startTime()).toBeUndefined();
    await rm(path);
  });

  it('uploads a recording, and lists the items of all pages with --all', async () => {
    const path = join(tmpdir(), `colloquy-audio-${process.pid}.mp3`);
    await writeFile(path, 'no sound');
    const sent = await run([
      'put-recording',
      ...session(),
      '--participant',
      '_mixed',
      '--file',
      path,
    ]);
    await rm(path);
    expect(JSON.parse(sent.stdout)).toMatchObject({ Bytes: 8, ContentType: 'audio/mpeg' });
    for (const n of [1, 2, 3]) {
      await server.admin.putConversation({
        businessId: Number(business),
        sessionId: `more-${n}`,
        ...(EXAMPLE_PUT as object),
      } as never);
    }
    const all = await run(['get-conversations', '--business', business, '--limit', '1', '--all']);
    const ids = all.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).Id);
    expect(ids).toEqual(['session_abc123', 'more-3', 'more-2', 'more-1']);
  });

  it('sends a body unchanged, including its errors, to the server', async () => {
    const { stderr } = await run(['create-business', '--body', '{"Name":"a","Name":"b"}']);
    expect(stderr).toContain('(CreateBusiness:INVALID_JSON)');
  });

  it('exits with 1 and prints the message if the server refuses the request', async () => {
    const { code, stdout, stderr } = await run([
      'get-conversation',
      '--business',
      business,
      '--session',
      'nobody',
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^[^\n]+ \(GetConversation:NOT_FOUND\)\n$/);
  });

  it('exits with 2 for an unknown command or option and for an invalid body', async () => {
    for (const args of [
      ['get-nothing'],
      ['get-conversation', '--business', business],
      ['get-conversation', '--business', 'x', '--session', 's'],
      ['get-conversation', ...session(), '--color'],
      ['create-business', '--body', '{'],
      ['create-business', '--body', '[]'],
      ['put-recording', ...session(), '--participant', 'p', '--file', 'call.txt'],
    ]) {
      const { code, stdout, stderr } = await run(args);
      expect([args[0], code, stdout]).toEqual([args[0], 2, '']);
      expect(stderr).not.toBe('');
    }
  });
});
