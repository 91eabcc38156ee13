import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { InputFor } from '@colloquy/sdk';
import { MEBIBYTE, ops } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../packages/cli/test/run-cli.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
});
afterAll(() => server[Symbol.asyncDispose]());

let numbers = 0;
/** Rows with numbers that no other test calls. */
function newRows(count = 1): string {
  const lines = Array.from({ length: count }, () => {
    numbers += 1;
    return `+1555${String(2_000_000 + numbers)},Ada`;
  });
  return `RecipientNumber,name\n${lines.join('\n')}\n`;
}

interface Sending {
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: string;
}

const urlOf = (query: Record<string, string>) =>
  `${server.url}/api/v1/business/${businessId}/call/initiate?${new URLSearchParams(query)}`;

/** Returns `200`, or the status, reason and Message, as in `400 INVALID_REQUEST: …`. */
async function send({ headers, query, body }: Sending = {}): Promise<string> {
  const response = await fetch(urlOf({ NumberId: 'n', ...query }), {
    method: 'POST',
    headers: { Authorization: `Token ${ADMIN_KEY}`, 'Content-Type': 'text/csv', ...headers },
    body: new Blob([body ?? newRows()]),
  });
  const answer = (await response.json()) as { Code?: string; Message?: string };
  if (response.status === 200) return '200';
  return `${response.status} ${answer.Code?.split(':')[1]}: ${answer.Message}`;
}

/** A request whose body the test writes itself. */
function begin(headers: Record<string, string> = {}): ClientRequest {
  return request(urlOf({ NumberId: 'n' }), {
    method: 'POST',
    headers: { Authorization: `Token ${ADMIN_KEY}`, 'Content-Type': 'text/csv', ...headers },
  });
}

async function answerOf(sending: ClientRequest): Promise<{ status: number; text: string }> {
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: JSON.stringify(await json(response)) };
}

describe('CSV bodies of InitiateCall', () => {
  it.each([
    ['text', (text: string) => text],
    ['bytes', (text: string) => new TextEncoder().encode(text)],
    ['a Blob', (text: string) => new Blob([text])],
    ['a stream', (text: string) => new Blob([text]).stream()],
  ])('the SDK sends a CSV body as %s', async (_kind, csvOf) => {
    const { QueueIds, Rejected } = await server.admin.initiateCall({
      businessId,
      NumberId: 'number_1',
      Priority: 7,
      Windows: [{ Days: ['Mon'], From: '09:00', To: '17:00' }],
      DynamicVariables: { product: 'ä & b' },
      AllOrNothing: false,
      csv: csvOf(newRows()),
    });
    expect(Rejected).toEqual([]);
    const queueId = QueueIds[0] ?? '';
    expect(await server.admin.getOutboundQueue({ businessId, queueId })).toMatchObject({
      NumberId: 'number_1',
      Priority: 7,
      DynamicVariables: { product: 'ä & b', name: 'Ada' },
    });
  });

  it('the command line sends CSV of a file or of standard input', async () => {
    const path = join(tmpdir(), `colloquy-rows-${process.pid}.csv`);
    await writeFile(path, newRows(2));
    const calls = ['initiate-call', '--business', String(businessId), '--number', 'n'];
    const options = ['--dynamic-variables', '{"a":1}', '--all-or-nothing', '--priority', '3'];
    const run = (args: string[], stdin = '') =>
      runCli([...calls, ...args], { url: server.url, key: ADMIN_KEY, stdin });
    const sent = await run([...options, '--csv', path, '--idempotency-key', 'cli']);
    const again = await run([...options, '--csv', path, '--idempotency-key', 'cli']);
    await rm(path);
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toBe(sent.stdout);
    expect(JSON.parse(sent.stdout).QueueIds).toHaveLength(2);
    const piped = await run(['--csv', '-'], newRows(3));
    expect(JSON.parse(piped.stdout).QueueIds).toHaveLength(3);
    for (const args of [
      ['--csv', '-', '--recipient-number', '+15551234567'],
      ['--csv', '-', '--body', '{}'],
      ['--all-or-nothing'],
      ['--csv', tmpdir()],
    ]) {
      expect(await run(args, newRows())).toMatchObject({ code: 2, stdout: '' });
    }
  });

  it('a CSV body must be UTF-8 of the type text/csv', async () => {
    const type = (contentType: string, body?: string) =>
      send({ headers: { 'Content-Type': contentType }, ...(body !== undefined && { body }) });
    for (const good of ['text/csv', 'TEXT/CSV; Charset="UTF-8"', 'text/csv;header=present;']) {
      expect(await type(good)).toBe('200');
    }
    expect(await type('text/csv; charset=iso-8859-1')).toMatch(/^415 UNSUPPORTED_.*UTF-8/);
    for (const bad of ['text/plain', 'application/csv', 'text/csvx', 'csv', '']) {
      expect(await type(bad)).toMatch(/^415 UNSUPPORTED_MEDIA_TYPE: /);
    }
    expect(await type('application/json', '{')).toMatch(/^400 INVALID_JSON: /);
    expect(await type('application/json', '{"NumberId":"n","csv":""}')).toMatch(/csv is not a/);
    const other = await fetch(`${server.url}/api/v1/business/${businessId}/campaigns/c`, {
      method: 'PUT',
      headers: { Authorization: `Token ${ADMIN_KEY}`, 'Content-Type': 'text/csv' },
      body: newRows(),
    });
    expect(other.status).toBe(415);
  });
});

describe('query parameters with a CSV body', () => {
  it('unknown and invalid query parameters with a CSV body are refused', async () => {
    const query = (given: Record<string, string>) => send({ query: given });
    expect(await query({ Priotity: '1' })).toBe(
      '400 INVALID_REQUEST: Priotity is not a known parameter.',
    );
    expect(await query({ NumberId: '' })).toMatch(/^400 INVALID_REQUEST: NumberId must have/);
    expect(await query({ NumberId: 'a\0b' })).toBe(
      '400 INVALID_REQUEST: NumberId contains a NUL character.',
    );
    expect(await query({ Priority: '1.5' })).toMatch(/Priority must be an integer\.$/);
    expect(await query({ Priority: '101' })).toMatch(/Priority must be between -100 and 100\.$/);
    expect(await query({ ScheduleDateTimeUTC: 'now' })).toMatch(/ScheduleDateTimeUTC must be an/);
    const response = await fetch(urlOf({}), {
      method: 'POST',
      headers: { Authorization: `Token ${ADMIN_KEY}`, 'Content-Type': 'text/csv' },
      body: newRows(),
    });
    expect(await response.text()).toContain('NumberId is required.');
  });

  it('boolean query parameters must be true or false', async () => {
    const rejecting = `${newRows()}nobody,Bob\n`;
    const query = (AllOrNothing: string) => send({ query: { AllOrNothing }, body: rejecting });
    expect(await query('true')).toMatch(/^400 INVALID_REQUEST: Nothing was enqueued/);
    expect(await query('false')).toBe('200');
    for (const bad of ['yes', '', 'TRUE', '1']) {
      expect(await query(bad)).toBe('400 INVALID_REQUEST: AllOrNothing must be true or false.');
    }
  });

  it('JSON in query parameters is validated as strictly as in a body', async () => {
    const query = (given: Record<string, string>) => send({ query: given });
    expect(await query({ Windows: '[]', Metadata: '{"a":[1]}' })).toBe('200');
    expect(await query({ Windows: '[' })).toMatch(
      /^400 INVALID_REQUEST: Windows is not valid JSON/,
    );
    expect(await query({ Windows: '{}' })).toMatch(/Windows must be a JSON array\.$/);
    const window = { Days: ['Mon', 'Someday'], From: '09:00', To: '17:00' };
    expect(await query({ Windows: JSON.stringify([window]) })).toMatch(
      /Windows\[0\]\.Days\[1\] must be one of/,
    );
    expect(await query({ Metadata: '{"a":{"b":1,"b":2}}' })).toBe(
      '400 INVALID_REQUEST: Metadata.a.b occurs twice in its object.',
    );
    expect(await query({ Metadata: '{"n":9007199254740993}' })).toMatch(/Metadata\.n is a number/);
  });

  it('a URL of more than 16 KiB is refused with a message', async () => {
    const long = JSON.stringify({ text: 'x'.repeat(17_000) });
    expect(await send({ query: { Metadata: long } })).toBe(
      '400 INVALID_REQUEST: The URL and the headers have more than 16 KiB together.',
    );
  });

  it('the types of the SDK allow a CSV body only without body keys', () => {
    const common = { businessId: 1, NumberId: 'n' };
    const inputs: InputFor<'InitiateCall'>[] = [
      { ...common, RecipientNumber: '+15551234567' },
      { ...common, csv: '', AllOrNothing: true },
      // @ts-expect-error a body key beside rows
      { ...common, csv: '', RecipientNumber: '+15551234567' },
      // @ts-expect-error the path is missing
      { NumberId: 'n', csv: '' },
    ];
    expect(inputs).toHaveLength(4);
  });
});

describe('CSV bodies over the limit', () => {
  const limit = ops.InitiateCall.csv?.bodyLimit ?? 0;

  it('a CSV body over the limit is refused by its Content-Length before it is sent', async () => {
    const sending = begin({ 'Content-Length': String(limit + 1) });
    sending.on('error', () => undefined).write('RecipientNumber\n');
    expect(await answerOf(sending)).toMatchObject({
      status: 413,
      text: expect.stringContaining('InitiateCall:PAYLOAD_TOO_LARGE'),
    });
    sending.destroy();
  });

  it('a CSV body over the limit without Content-Length is refused while it arrives', async () => {
    const sending = begin().on('error', () => undefined);
    let answer: Awaited<ReturnType<typeof answerOf>> | undefined;
    const answered = answerOf(sending).then((it) => {
      answer = it;
    });
    const block = `+15551234567,${'x'.repeat(1000)}\n`.repeat(1000);
    sending.write('RecipientNumber,name\n');
    let bytes = 0;
    while (!answer && bytes < 2 * limit) {
      bytes += block.length;
      if (!sending.write(block)) await Promise.race([answered, once(sending, 'drain')]);
    }
    expect(bytes).toBeGreaterThan(limit);
    expect(bytes).toBeLessThan(limit + 16 * MEBIBYTE);
    expect(answer).toMatchObject({ status: 413 });
    sending.destroy();
  });
});

describe('answers before the end of a CSV body', () => {
  it('an invalid header line is answered before the rest of the body arrives', async () => {
    const sending = begin().on('error', () => undefined);
    sending.write('nothing\n');
    sending.write('x\n'.repeat(100_000));
    expect(await answerOf(sending)).toMatchObject({ status: 400 });
    sending.destroy();
  });

  it('an early answer also reaches a client that sends its whole body first, and keeps the connection open', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const answers: string[] = [];
    socket.on('data', (text) => answers.push(String(text)));
    const rest = Buffer.alloc(1_000_000, 'x\n');
    for (let turn = 1; turn <= 2; turn += 1) {
      socket.write(
        `POST ${new URL(urlOf({ NumberId: 'n' })).pathname}?NumberId=n HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Token ${ADMIN_KEY}\r\nContent-Type: text/csv\r\nContent-Length: ${8 + 30 * rest.length}\r\n\r\nnothing\n`,
      );
      for (let n = 0; n < 30; n += 1) if (!socket.write(rest)) await once(socket, 'drain');
      while (answers.length < turn) await once(socket, 'data');
    }
    expect(answers).toEqual([
      expect.stringMatching(/^HTTP\/1.1 400 /),
      expect.stringMatching(/^HTTP\/1.1 400 /),
    ]);
    socket.destroy();
  });
});

describe('Idempotency-Key', () => {
  it('an Idempotency-Key must be 1 to 255 printable ASCII characters', async () => {
    const key = (text: string) => send({ headers: { 'Idempotency-Key': text } });
    for (const good of ['k', 'a b~!"', 'x'.repeat(255)]) expect(await key(good)).toBe('200');
    for (const bad of ['', 'x'.repeat(256), 'käse', 'a\tb']) {
      expect(await key(bad)).toBe(
        '400 INVALID_REQUEST: Idempotency-Key must be 1 to 255 printable ASCII characters.',
      );
    }
  });

  it('a repeated request with an Idempotency-Key gets the first answer, for CSV and JSON', async () => {
    const csv = newRows(2);
    for (const input of [{ csv }, { RecipientNumber: '+15559000001' }]) {
      const call = () =>
        server.admin.initiateCall(
          { businessId, NumberId: 'n', ...input },
          { idempotencyKey: `twice ${Object.keys(input)}` },
        );
      const first = await call();
      expect(await call()).toEqual(first);
    }
  });

  it('an Idempotency-Key is ignored by operations that take none', async () => {
    const options = { idempotencyKey: 'x'.repeat(300) };
    await server.admin.listUsers({}, options);
    await expect(server.admin.listUsers({}, { idempotencyKey: 'a\nb' })).rejects.toBeInstanceOf(
      TypeError,
    );
  });
});
