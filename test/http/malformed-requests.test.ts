import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Writable } from 'node:stream';
import { type Op, ops } from '@colloquy/wire';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakOff, sendRaw } from '../servers/raw-http.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

interface Line {
  readonly level: number;
  readonly msg: string;
}

const ERROR = 50;
const SEED = 12;
const lines: Line[] = [];
const log = pino(
  { level: 'debug' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Line);
      done();
    },
  }),
);
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
let server: TestServer;
let businessId: number;

beforeAll(async () => {
  server = await startTestServer({ overrides: { log } });
  businessId = await server.newBusiness();
  await server.admin.putConversation({
    businessId,
    sessionId: 's1',
    Status: 'Completed',
    StartTime: '2026-03-01T11:00:00Z',
    EndTime: '2026-03-01T11:01:00Z',
    EndType: 'Normal',
    InitiationType: 'Inbound',
    Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: '2026-03-01T11:00:00Z' }],
  });
});
afterAll(async () => {
  agent.destroy();
  await server[Symbol.asyncDispose]();
  // After the close, so the lines of aborted requests are included.
  expect(lines.filter(({ level }) => level >= ERROR)).toEqual([]);
  expect(lines.some(({ msg }) => msg === 'answered')).toBe(true);
});

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Sends the path unchanged, which `fetch` would normalize. */
async function send({ method, path, headers = {}, body }: Sent): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  const sending = request({
    ...{ agent, hostname, port, method, path },
    headers: {
      Authorization: `Token ${ADMIN_KEY}`,
      ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
      ...headers,
    },
  });
  sending.end(body);
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  const isJson = /^\{/.test(text);
  const { Code = '', Message = '' } = isJson ? JSON.parse(text) : {};
  return { status: response.statusCode ?? 0, code: Code, message: Message };
}

const declared: readonly Op[] = Object.values(ops);
const fill = (path: string, values: Record<string, string>) =>
  `/api/v1${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'x')}`;
const placesOf = declared.flatMap((op) =>
  [...op.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [op.name, name, op] as const),
);

describe.each([600, 12_000])('a path parameter of %d characters', (length) => {
  it.each(placesOf)(
    'a path parameter that is too long for %s is refused with its name: %s',
    async (name, place, op) => {
      const path = fill(op.path, { businessId: String(businessId), [place]: 'x'.repeat(length) });
      const answer = await send({ method: op.method, path });
      // If the id may be any text, such as a hash, it may be unknown instead.
      expect([400, 404]).toContain(answer.status);
      expect([`${name}:INVALID_REQUEST`, `${name}:NOT_FOUND`]).toContain(answer.code);
      if (answer.status === 400) expect(answer.message).toContain(place);
    },
  );
});

it('a path that exceeds the limit of the server answers INVALID_REQUEST', async () => {
  const answer = await sendRaw(
    server.url,
    `GET /api/v1/business/1/conversations/${'x'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  );
  expect(answer.text).toContain('"Request:INVALID_REQUEST"');
});

const KEY = `Authorization: Token ${ADMIN_KEY}`;
const conversation = () => `/api/v1/business/${businessId}/conversations/s1`;
const get = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;
const post = (headers: string, body: string) =>
  `POST /api/v1/business/${businessId}/conversations HTTP/1.1\r\nHost: a\r\n${KEY}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

const RAW: Readonly<Record<string, () => string>> = {
  'a TLS hello': () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'an HTTP/2 preface': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'an unknown method': () => 'FOO / HTTP/1.1\r\nHost: a\r\n\r\n',
  'a method in lower case': () => 'get / HTTP/1.1\r\nHost: a\r\n\r\n',
  'an unknown version': () => 'GET / HTTP/9.9\r\nHost: a\r\n\r\n',
  'no version': () => 'GET /\r\n\r\n',
  'HTTP/1.0': () => 'GET /healthz HTTP/1.0\r\n\r\n',
  'no Host': () => 'GET /healthz HTTP/1.1\r\n\r\n',
  'two Hosts': () => 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'a strange Host': () => 'GET /metrics HTTP/1.1\r\nHost: ][%\r\n\r\n',
  'a space in the path': () => get('/a b'),
  'an empty path': () => get(''),
  'a NUL in the path': () => get('/a\0b'),
  'bytes beyond ASCII in the path': () => get('/\xff\xfe'),
  'a bad escape in the path': () => get('/api/v1/business/%zz/conversations/%ff', KEY),
  'half an escape at the end': () => get('/api/v1/business/1%', KEY),
  'a bad escape in the query': () => get(`${conversation()}?a=%zz&%ff=1`, KEY),
  'an absolute URL': () => get('http://elsewhere.example/api/v1/business/1', KEY),
  'an absolute URL of another scheme': () => get('ftp://x', KEY),
  'the method CONNECT': () => 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n',
  'the method OPTIONS and an asterisk': () => 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'the method GET and an asterisk': () => get('*'),
  'the method TRACE': () => 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n',
  'the method QUERY and no type': () =>
    `QUERY ${conversation()} HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`,
  'an upgrade to WebSocket': () =>
    get(conversation(), KEY, 'Connection: Upgrade', 'Upgrade: websocket'),
  'an upgrade to HTTP/2': () => get('/', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'),
  'an unknown expectation': () => post('Expect: 200-maybe\r\nContent-Length: 2', '{}'),
  'an expectation of 100-continue': () => post('Expect: 100-continue\r\nContent-Length: 2', '{}'),
  'two different lengths': () => post('Content-Length: 2\r\nContent-Length: 3', '{} '),
  'a negative length': () => post('Content-Length: -1', '{}'),
  'a length that is not a number': () => post('Content-Length: 1e3', '{}'),
  'an enormous length': () => post(`Content-Length: ${'9'.repeat(30)}`, '{}'),
  'a length beyond the limit': () => post('Content-Length: 999999999999', ''),
  'a length and chunks': () => post('Content-Length: 2\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  'an unknown transfer encoding': () => post('Transfer-Encoding: gzip', '{}'),
  'chunked twice': () => post('Transfer-Encoding: chunked, chunked', '0\r\n\r\n'),
  'a chunk without a size': () => post('Transfer-Encoding: chunked', 'zz\r\n{}\r\n0\r\n\r\n'),
  'a chunk of an enormous size': () =>
    post('Transfer-Encoding: chunked', `${'f'.repeat(17)}\r\n{}`),
  'a chunk longer than its size': () => post('Transfer-Encoding: chunked', '1\r\n{}\r\n0\r\n\r\n'),
  'a chunk with a long extension': () =>
    post('Transfer-Encoding: chunked', `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
  trailers: () => post('Transfer-Encoding: chunked', '2\r\n{}\r\n0\r\nA: b\r\n\r\n'),
  'an empty chunked body': () => post('Transfer-Encoding: chunked', '0\r\n\r\n'),
  'a header without a name': () => get('/', ': x'),
  'a header with a NUL': () => get('/', 'A: \0'),
  'a folded header': () => get('/', 'A: b\r\n  c'),
  'a header without a colon': () => get('/', 'Abc'),
  'a header beyond the limit': () => get('/', `A: ${'b'.repeat(20_000)}`),
  'three thousand headers': () => get('/', ...Array<string>(3000).fill('A: b')),
  'random bytes': () => '\x80\x00\xff\x13\x37'.repeat(20),
  'a query of 15 KiB': () => get(`${conversation()}?${'a=1&'.repeat(3500)}`, KEY),
  'keys of the prototype': () => get(`${conversation()}?__proto__=1&constructor=2&toString=3`, KEY),
  'a malformed key': () => get(conversation(), 'Authorization: Token \xff\xfe'),
  'two keys': () => get(conversation(), KEY, 'Authorization: Token x'),
  'a malformed cookie': () => get(conversation(), 'Cookie: =;;colloquy=%zz;a="'),
  'a session that is no session': () =>
    get('/api/v1/session', 'Cookie: colloquy.session_token=%zz.%zz; __Secure-x=1'),
  'a malformed single sign-on': () => get('/api/auth/oidc/callback?state=%00&code=a&code=b'),
};

describe('raw bytes of requests', () => {
  it.each(Object.entries(RAW))(
    'a request with %s is refused or answered below 500',
    async (_name, bytes) => {
      const { status } = await sendRaw(server.url, Buffer.from(bytes(), 'latin1'));
      if (status !== null) expect(status).toBeLessThan(500);
    },
  );

  it('aborted requests do not affect the server', async () => {
    const put = `PUT ${conversation()}/recordings/c HTTP/1.1\r\nHost: a\r\n${KEY}\r\nContent-Type: audio/wav\r\n`;
    const rows = `POST /api/v1/business/${businessId}/call/initiate?NumberId=n HTTP/1.1\r\nHost: a\r\n${KEY}\r\nContent-Type: text/csv\r\n`;
    await breakOff(server.url, 'GET / HTTP/1.1\r\nHos');
    await breakOff(server.url, post('Content-Length: 100', '{"a'));
    await breakOff(server.url, post('Transfer-Encoding: chunked', '5\r\n{"a'));
    await breakOff(server.url, `${put}Content-Length: 5000\r\n\r\nRIFF`);
    await breakOff(server.url, `${put}Transfer-Encoding: chunked\r\n\r\nzz\r\n`);
    await breakOff(server.url, `${rows}Content-Length: 5000\r\n\r\nRecipientNumber\n+1`);
    await breakOff(server.url, get(conversation(), KEY).repeat(20));
    expect((await send({ method: 'GET', path: '/healthz' })).status).toBe(200);
  });

  it('a body with a malformed chunk after its start is refused', async () => {
    const put = `PUT ${conversation()}/recordings/c HTTP/1.1\r\nHost: a\r\n${KEY}\r\nContent-Type: audio/wav\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nRIFF\r\nzz\r\n`;
    expect((await sendRaw(server.url, put)).status ?? 400).toBe(400);
  });
});

describe('headers of requests for files and documents', () => {
  it.each([
    ['Range', 'bytes=99999999-', [416]],
    ['Range', 'bytes=x', [200, 416]],
    ['Range', 'bytes=0-1,5-6,9-', [200, 206]],
    ['If-Match', '"other"', [412]],
    ['If-Unmodified-Since', 'Wed, 21 Oct 2015 07:28:00 GMT', [412]],
    ['If-Modified-Since', 'nonsense', [200]],
    ['If-None-Match', 'W/"', [200]],
    ['Accept-Encoding', 'gzip;q=x, *;q=0, identity;q=0', [200]],
    ['Accept-Version', '9', [200]],
  ])('%s: %s is answered below 500', async (name, value, statuses) => {
    const page = await (await fetch(server.url)).text();
    const script = /src="\.?\/?(assets\/[^"]+)"/.exec(page)?.[1];
    expect(script).toBeDefined();
    const answer = await send({ method: 'GET', path: `/${script}`, headers: { [name]: value } });
    expect(statuses).toContain(answer.status);
    for (const path of ['/', '/docs', '/openapi.json', '/docs/assets/%2e%2e%2f', '/assets/%00']) {
      const other = await send({ method: 'GET', path, headers: { [name]: value } });
      expect(other.status, path).toBeLessThan(500);
    }
  });
});

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];
const TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'application/json;;;',
  'application/JSON',
  'text/csv; charset=latin1',
  'text/csv',
  'audio/wav',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
  ';',
  '/',
  'x',
];
const PIECES = [
  ...['s1', 'c', '_mixed', '..', '.', '%2e%2e', '%2F', '%5c', '%00', '%0a', '%ff', '%', '%zz'],
  ...['//', ';', ':', '@', '~', '__proto__', 'constructor', '+15551234567', '%F0%9F%98%80'],
  ...['x'.repeat(700), '9'.repeat(30), '-1', '1e3', 'null', 'a', '%25', '$', '{', '"', '*'],
];
const BODIES = [
  '',
  '{}',
  '[]',
  'null',
  '"',
  '{"__proto__":{"a":1}}',
  '{"Limit":1e400}',
  '\0',
  'RIFF',
];
const QUERIES = ['a', 'a=', '=', '&&', '__proto__=1', 'Limit=1', 'Limit[]=1', 'Filter={', 'q=%zz'];

describe('random URLs of all routes', () => {
  const piece = fc.constantFrom(...PIECES);
  const value = fc.oneof(
    piece,
    fc.tuple(piece, piece).map((both) => both.join('')),
  );
  const query = fc.array(fc.constantFrom(...QUERIES), { maxLength: 3 }).map((all) => all.join('&'));
  const tail = fc.constantFrom('', '', '', '/', '//', '/x', '%2f', ';a');
  const request = fc.record({
    path: fc
      .record({
        path: fc.constantFrom(...declared.map(({ path }) => path)),
        values: fc.array(value, { minLength: 3, maxLength: 3 }),
        isOurs: fc.boolean(),
      })
      .map(({ path, values, isOurs }) => {
        const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
        const given = Object.fromEntries(names.map((name, at) => [name, values[at] ?? 'x']));
        return fill(path, isOurs ? { ...given, businessId: '{businessId}' } : given);
      }),
    method: fc.constantFrom(...METHODS),
    query,
    tail,
    type: fc.option(fc.constantFrom(...TYPES), { nil: null }),
    body: fc.constantFrom(...BODIES),
  });

  it('random URLs, methods and bodies are answered below 500', async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ path, method, query, tail, type, body }) => {
        const ours = path.replace('{businessId}', String(businessId));
        const answer = await send({
          method,
          path: `${ours}${tail}${query === '' ? '' : `?${query}`}`,
          body,
          ...(type !== null && { headers: { 'Content-Type': type } }),
        });
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 1500, seed: SEED },
    );
  });
});
