import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = '/docs/guide/';
const files = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md'))
  .sort();
const paths = files.map((file) => file.replace(/(^|\/)README\.md$/, '$1').replace(/\.md$/, ''));

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, server.url), { headers, redirect: 'manual' });

const idsIn = (html: string) => [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);

/** All addresses in a page, except its embedded icon. */
function addressesIn(html: string): string[] {
  return [...html.matchAll(/ (?:href|src)="([^"]+)"/g)]
    .map(([, address = '']) => address)
    .filter((address) => !address.startsWith('data:'));
}

describe('the guide', () => {
  it('the guide has a page with heading and menu for each Markdown file', async () => {
    expect(paths.length).toBeGreaterThan(20);
    for (const [index, path] of paths.entries()) {
      const response = await get(GUIDE + path);
      expect(response.status, path).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      const html = await response.text();
      const markdown = readFileSync(join(ROOT, 'docs', files[index] ?? ''), 'utf8');
      const title = /^# (.+)$/m.exec(markdown)?.[1];
      expect(html).toContain(`>${title}</h1>`);
      expect(html).toContain('<a href="');
      expect(html).not.toContain('<!--');
      expect(html).not.toMatch(/\.md["#]/);
    }
  });

  it('all links of the guide lead to existing pages and headings of this server', async () => {
    const targets = new Map<string, Set<string>>();
    for (const path of paths) {
      const at = new URL(GUIDE + path, server.url);
      for (const address of addressesIn(await (await get(at.pathname)).text())) {
        const { origin, pathname, hash } = new URL(address, at);
        expect(origin, `${path}: ${address}`).toBe(server.url);
        const hashes = targets.get(pathname) ?? new Set();
        targets.set(pathname, hash === '' ? hashes : hashes.add(hash.slice(1)));
      }
    }
    for (const [path, hashes] of targets) {
      const response = await get(path);
      // Without a built console, / redirects to the reference.
      expect(path === '/' ? [200, 302] : [200], path).toContain(response.status);
      const ids = hashes.size === 0 ? [] : idsIn(await response.text());
      expect(ids, path).toEqual(expect.arrayContaining([...hashes]));
    }
    expect([...targets.keys()].filter((path) => path.endsWith('.css'))).toHaveLength(1);
  });

  it('an unknown page of the guide answers 404 with the menu', async () => {
    for (const path of [
      'unknown',
      'adr/unknown',
      'queues.md',
      'images/unknown.png',
      'assets/old.css',
    ]) {
      const response = await get(GUIDE + path);
      expect(response.status, path).toBe(404);
      const html = await response.text();
      expect(html).toContain('Page not found');
      expect(html).toContain('API reference');
    }
  });

  it('/docs/guide redirects to its index', async () => {
    const response = await get('/docs/guide');
    expect(response.status).toBe(302);
    const location = response.headers.get('location') ?? '';
    expect(new URL(location, `${server.url}/docs/guide`).pathname).toBe(GUIDE);
  });

  it('the Content-Security-Policy of the guide allows no scripts and no other hosts', async () => {
    const policy = (await get(GUIDE)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|script-src|unsafe/);
  });

  it('a page of the guide answers 304 if its ETag is sent back', async () => {
    const etag = (await get(`${GUIDE}queues`)).headers.get('etag') ?? '';
    const again = await get(`${GUIDE}queues`, { 'If-None-Match': etag });
    expect(again.status).toBe(304);
  });
});

describe('the documents of the repository', () => {
  const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].concat(
    files.map((file) => join('docs', file)),
  );
  /** Heading ids as GitHub makes them. */
  const anchorsOf = (path: string) =>
    [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    );

  it.each(documents)('%s links only to files and headings that exist', (document) => {
    const text = readFileSync(join(ROOT, document), 'utf8').replace(/^```.*?^```/gms, '');
    for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [file = '', anchor] = link.split('#');
      const path = file === '' ? join(ROOT, document) : join(ROOT, dirname(document), file);
      expect(existsSync(path), `${document}: ${link}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(path), link).toContain(anchor);
      // The server serves only the pages of docs/.
      if (document.startsWith('docs/'))
        expect(relative(join(ROOT, 'docs'), path)).not.toMatch(/^\.\./);
    }
  });

  it('README.md and ARCHITECTURE.md stay short', () => {
    const linesOf = (path: string) => readFileSync(join(ROOT, path), 'utf8').split('\n').length - 1;
    expect(linesOf('README.md')).toBeLessThanOrEqual(120);
    expect(linesOf('ARCHITECTURE.md')).toBeLessThanOrEqual(180);
  });

  it('folders and files named in ARCHITECTURE.md exist', () => {
    const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    const named = [...text.matchAll(/^\| `([a-z][a-z/-]+)` /gm)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(8);
    for (const path of named) expect(existsSync(join(ROOT, path)), path).toBe(true);
    const table = text.split('| rank |')[1]?.split('\n\n')[0] ?? '';
    const rooms = [...table.matchAll(/`([a-z]+)`/g)].map(([, room = '']) => room);
    expect(rooms.length).toBeGreaterThan(8);
    for (const room of rooms) {
      expect(existsSync(join(ROOT, 'packages/server/src', room)), room).toBe(true);
    }
  });
});
