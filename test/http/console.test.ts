import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ publicUrl: 'https://voice.example.com/colloquy' });
});
afterAll(() => server[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${server.url}${path}`, { method, headers });

function filesOf(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`);
}

describe('the console', () => {
  test.each(['/', '/sign-in', '/join', '/account', '/b/12345/conversations/session_abc123?t=3'])(
    'the server answers %s with the console',
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
      expect(await answer.text()).toContain('<div id="root">');
    },
  );

  test('the Content-Security-Policy of the console allows only files of this server', async () => {
    const answer = await get('/');
    const policy = answer.headers.get('content-security-policy') ?? '';
    const html = await answer.text();
    const nonce = /<meta name="style-nonce" content="([0-9a-f]{32})">/.exec(html)?.[1];
    expect(Object.fromEntries(policy.split(';').map((one) => one.split(/ (.*)/s, 2)))).toEqual({
      'default-src': "'none'",
      'script-src': expect.stringMatching(/^'self' 'nonce-[0-9a-f]+'$/),
      'style-src': `'self' 'nonce-${nonce}'`,
      'img-src': "'self' data:",
      'font-src': "'self'",
      'connect-src': "'self'",
      'media-src': "'self' blob:",
      'base-uri': "'self'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
    });
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|https?:/);
    expect((await (await get('/')).text()).includes(String(nonce))).toBe(false);
  });

  test('the console has the path prefix of PUBLIC_URL as its base', async () => {
    expect(await (await get('/b/1/overview')).text()).toContain('<base href="/colloquy/">');
  });

  test('files of the console are compressed and cached for a year', async () => {
    const files = filesOf(await (await get('/')).text());
    expect(files.length).toBeGreaterThan(1);
    for (const path of files) {
      for (const [accepted, encoding] of [
        ['br, gzip', 'br'],
        ['gzip', 'gzip'],
        ['identity', null],
      ] as const) {
        const answer = await get(path, { 'Accept-Encoding': accepted });
        expect(answer.status, path).toBe(200);
        expect(answer.headers.get('content-encoding'), path).toBe(encoding);
        expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
        expect(answer.headers.get('content-type')).toMatch(/^(text|application)\/(css|javascript)/);
        expect((await answer.text()).length).toBeGreaterThan(100);
      }
    }
    const icon = await get('/icon.svg');
    expect(icon.headers.get('cache-control')).toBe('public, no-cache');
    expect(icon.headers.get('content-type')).toMatch(/^image\/svg\+xml/);
  });

  test('unknown paths answer 404, and POST to the console answers 405', async () => {
    for (const path of ['/conversations', '/b', '/assets/none.js', '/index.html', '/.sources']) {
      const answer = await get(path);
      expect(answer.status, path).toBe(404);
      expect(await answer.json()).toMatchObject({ Success: false, Code: 'Request:NOT_FOUND' });
    }
    const answer = await get('/sign-in', {}, 'POST');
    expect(answer.status).toBe(405);
    expect(await answer.json()).toMatchObject({ Code: 'Request:METHOD_NOT_ALLOWED' });
  });
});
