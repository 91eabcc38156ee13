import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putConversation, readWav } from '../fixtures/recordings-suite.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer({ overrides: { arrival: { arrival: 300, check: 50 } } });
  businessId = await server.newBusiness();
  await putConversation(server, businessId, 's1');
});
afterAll(() => server[Symbol.asyncDispose]());

interface Slow {
  readonly socket: Socket;
  /** The answer up to the close of the connection. */
  readonly closed: Promise<string>;
}

/** Sends some bytes, and then `next` repeatedly while the connection is open. */
function drip(first: string, next = 'x'): Slow {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  socket.write(first);
  const timer = setInterval(() => socket.write(next), 20);
  const closed = new Promise<string>((resolve) => {
    const finish = () => {
      clearInterval(timer);
      socket.destroy();
      resolve(text);
    };
    socket.once('end', finish);
    socket.once('close', finish);
  });
  return { socket, closed };
}

const head = (method: string, path: string, headers: string[] = []) =>
  `${[`${method} ${path} HTTP/1.1`, 'Host: a', ...headers].join('\r\n')}\r\n\r\n`;
const KEY = `Authorization: Token ${ADMIN_KEY}`;
const WRONG = `Authorization: Token ${'x'.repeat(40)}`;
const JSON_BODY = ['Content-Type: application/json', 'Content-Length: 10000'];
const AUDIO_BODY = ['Content-Type: audio/wav', 'Content-Length: 10000000'];
const recording = () => `/api/v1/business/${businessId}/conversations/s1/recordings/c`;

describe('slow connections', () => {
  it('a connection is closed with an answer if its headers do not arrive in time', async () => {
    expect(await drip('GET / HTTP/1.1\r\nA: ').closed).toContain('did not arrive in time');
  });

  it('a connection that sends nothing is closed without an answer, which a browser would take for its next request', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(socket, 'close');
    expect(text).toBe('');
  });

  it('a connection that sends only line feeds is closed', async () => {
    await drip('\r\n', '\r\n').closed;
  });

  it('a connection is closed if the headers of a request with a key do not end', async () => {
    await drip(`GET / HTTP/1.1\r\n${KEY}\r\nA: `).closed;
  });

  it('a connection with a slow body is closed after a 401', async () => {
    const list = `/api/v1/business/${businessId}/conversations`;
    for (const [method, path, body] of [
      ['POST', list, JSON_BODY],
      ['PUT', recording(), AUDIO_BODY],
      [
        'POST',
        `/api/v1/business/${businessId}/call/initiate?NumberId=n`,
        ['Content-Type: text/csv', 'Transfer-Encoding: chunked'],
      ],
    ] as const) {
      for (const key of [[], [WRONG]]) {
        const chunk = body.includes('Transfer-Encoding: chunked') ? '1\r\nx\r\n' : 'x';
        expect(await drip(head(method, path, [...key, ...body]), chunk).closed).toContain(' 401 ');
      }
    }
  });

  it('a connection with a slow body is closed after a 404, 405 or 400', async () => {
    expect(await drip(head('POST', '/nothing', JSON_BODY)).closed).toContain(' 404 ');
    expect(await drip(head('POST', '/docs', JSON_BODY)).closed).toContain(' 405 ');
    expect(await drip(head('POST', '/%zz', JSON_BODY)).closed).toContain(' 400 ');
  });

  it('a connection with a slow body is closed if the operation needs no credential', async () => {
    const answer = await drip(head('POST', '/api/v1/session', JSON_BODY)).closed;
    expect(answer).toContain('did not arrive in time');
  });

  it('a connection that sends a large body after a refusal is closed', async () => {
    const much = 'x'.repeat(1024 * 1024);
    const enormous = ['Content-Type: audio/wav', `Content-Length: ${1024 ** 3}`];
    await drip(head('PUT', recording(), [WRONG, ...enormous]), much).closed;
  });
});

it('an upload with a key may take longer than the time limit', async () => {
  const wav = await readWav();
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const headers = [KEY, 'Content-Type: audio/wav', `Content-Length: ${wav.length}`];
  socket.write(head('PUT', recording(), [...headers, 'Connection: close']));
  socket.write(wav.subarray(0, 100));
  await drip(head('PUT', recording(), AUDIO_BODY)).closed;
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.write(wav.subarray(100));
  await once(socket, 'close');
  expect(text).toContain(' 201 ');
});
