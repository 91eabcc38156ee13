import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const SERVER = join(ROOT, 'packages/server/src');
const WIRE = '@colloquy/wire';
/** How files are read, which the console does before it sends them as the server does after. */
const CSV = '@colloquy/csv';
const PHONE_NUMBERS = '@colloquy/phone-numbers';

/** Lower is nearer to the ground; a file imports only from its own room and from below. */
const RANKS: Record<string, number> = {
  'config.ts': 0,
  kernel: 0,
  blobs: 1,
  counters: 1,
  tombstones: 2,
  'context.ts': 3,
  access: 4,
  holds: 5,
  recordings: 5,
  redaction: 5,
  conversations: 6,
  queues: 7,
  analytics: 8,
  backup: 8,
  maintenance: 8,
  retention: 8,
  http: 9,
  commands: 10,
};
/** The same for the console: what a page is made of lies below the pages. */
const CONSOLE = join(ROOT, 'packages/console/src');
const CONSOLE_RANKS: Record<string, number> = {
  api: 0,
  ui: 1,
  session: 2,
  'app-shell': 3,
  conversations: 4,
  conversation: 5,
  overview: 5,
  queues: 5,
  settings: 5,
};
/** The files beside the rooms put the house together. */
const TOP = 10;
const FORBIDDEN = /^(utils?|helpers?|common|shared|lib|misc|manager|service)(\.|$)/;
const LONGEST = 400;
const LONGEST_TEST = 600;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  readonly names: readonly string[];
}

const sources = ['packages', 'test', 'bench', 'samples'].flatMap((folder) =>
  list(join(ROOT, folder)),
);

function list(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', 'goldens', 'demo'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return list(path);
    return /\.(ts|tsx)$/.test(entry.name) ? [path] : [];
  });
}

function importsOf(path: string): Import[] {
  const text = readFileSync(path, 'utf8');
  const found = [...text.matchAll(/^(?:import|export)\s+(type\s+)?([^;'"]*?)from\s+'([^']+)'/gms)];
  return found.map(([, type, what = '', to = '']) => {
    const inner = /\{([^}]*)\}/s.exec(what)?.[1] ?? '';
    const names = inner
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => name.split(' as ')[0] ?? name);
    const isNamespace = /^\s*\*|^\s*\w/.test(what.replace(/\{[^}]*\}/s, ''));
    const typeOnly = type !== undefined || (names.length === 0 && !isNamespace);
    return {
      from: path,
      to: to.startsWith('.') ? resolve(dirname(path), to) : to,
      typeOnly,
      names,
    };
  });
}

const imports = sources.flatMap(importsOf);
const short = (path: string) => relative(ROOT, path);
const inServer = imports.filter(({ from }) => from.startsWith(SERVER));

function roomOf(path: string): string {
  return relative(SERVER, path).split('/')[0] ?? '';
}

function rankOf(path: string): number {
  const room = roomOf(path);
  const rank = RANKS[room];
  if (rank !== undefined) return rank;
  if (room.endsWith('.ts')) return TOP;
  throw new Error(`${short(path)} is in a room without a rank`);
}

describe('the house', () => {
  it('has every import go down, or stay in its room', () => {
    const wrong = inServer.filter(({ from, to }) => {
      if (!to.startsWith(SERVER) || roomOf(from) === roomOf(to)) return false;
      const sameGround = rankOf(from) === 0 && rankOf(to) === 0;
      return rankOf(from) !== TOP && !sameGround && rankOf(to) >= rankOf(from);
    });
    expect(wrong.map(({ from, to }) => `${short(from)} → ${short(to)}`)).toEqual([]);
  });

  it('reads phone numbers by one package, without another reader beside it', () => {
    const library = imports.filter(({ to }) => to.startsWith('libphonenumber-js'));
    const readers = new Set(library.map(({ from }) => relative(ROOT, from)));
    const allowed = /^(packages\/phone-numbers|test)\//;
    expect([...readers].filter((path) => !allowed.test(path))).toEqual([]);
    const outside = imports.filter(({ from }) => from.includes('/packages/phone-numbers/src/'));
    const wrong = outside.filter(
      ({ to }) =>
        !to.includes('/packages/phone-numbers/src/') && !/^libphonenumber-js(\/max)?$/.test(to),
    );
    expect(wrong).toEqual([]);
  });

  it('has a console that is a client of the API and nothing else', () => {
    const room = (path: string) => relative(CONSOLE, path).split('/')[0] ?? '';
    const rank = (path: string) =>
      CONSOLE_RANKS[room(path)] ?? (room(path).includes('.') ? 6 : NaN);
    const inConsole = imports.filter(({ from }) => from.startsWith(`${CONSOLE}/`));
    const wrong = inConsole.filter(({ from, to }) => {
      if (to.startsWith('@colloquy/'))
        return !['@colloquy/sdk', CSV, PHONE_NUMBERS, WIRE].includes(to);
      if (!to.startsWith('/')) return to.startsWith('node:');
      if (!to.startsWith(`${CONSOLE}/`)) return true;
      return room(from) !== room(to) && rank(from) < 6 && !(rank(to) < rank(from));
    });
    expect(inConsole.length).toBeGreaterThan(50);
    expect(wrong.map(({ from, to }) => `${short(from)} → ${short(to)}`)).toEqual([]);
  });

  it('has no circle of imports', () => {
    const edges = Map.groupBy(
      imports.filter(({ to, typeOnly }) => to.startsWith(ROOT) && !typeOnly),
      ({ from }) => from,
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (path: string, trail: readonly string[]) => {
      const at = trail.indexOf(path);
      if (at >= 0) circles.push([...trail.slice(at), path].map(short).join(' → '));
      if (at >= 0 || done.has(path)) return;
      for (const { to } of edges.get(path) ?? []) walk(to, [...trail, path]);
      done.add(path);
    };
    for (const path of sources) walk(path, []);
    expect(circles).toEqual([]);
  });

  it('has no file that is too long, or named for nobody', () => {
    const long = sources.filter((path) => {
      const lines = readFileSync(path, 'utf8').split('\n').length - 1;
      return lines > (path.includes('.test.') ? LONGEST_TEST : LONGEST);
    });
    expect(long.map(short)).toEqual([]);
    const nameless = sources.filter((path) =>
      relative(ROOT, path)
        .split('/')
        .some((part) => FORBIDDEN.test(part)),
    );
    expect(nameless.map(short)).toEqual([]);
  });

  it('keeps Fastify in http, process.env in config and statuses in http/errors', () => {
    const fastify = inServer.filter(
      ({ from, to }) =>
        /^(fastify$|@fastify\/)/.test(to) && !['http', 'app.ts'].includes(roomOf(from)),
    );
    expect(fastify.map(({ from }) => short(from))).toEqual([]);
    const server = sources.filter((path) => path.startsWith(SERVER));
    const readers = server.filter((path) => readFileSync(path, 'utf8').includes('process.env'));
    expect(readers.map(short)).toEqual(['packages/server/src/config.ts']);
    const statuses = server.filter((path) => /\bREASONS\b/.test(readFileSync(path, 'utf8')));
    for (const path of statuses) expect(short(path)).toMatch(/src\/http\//);
  });

  it('lets only handlers and what maps for them know the shapes of the wire', () => {
    // Closed sets and limits of the contract are constants that anybody may use.
    const rooms = inServer.filter(({ from }) => rankOf(from) > 0 && rankOf(from) < 9);
    const wrong = rooms.filter(
      ({ from, to, typeOnly, names }) =>
        to === WIRE &&
        !typeOnly &&
        !/\/(handlers|from-wire)\.ts$/.test(from) &&
        names.some((name) => !/^[A-Z_]+$/.test(name)),
    );
    expect(wrong.map(({ from, names }) => `${short(from)}: ${names.join(', ')}`)).toEqual([]);
  });

  it('has SQL only in stores', () => {
    const rooms = sources.filter((path) => path.startsWith(SERVER) && rankOf(path) > 0);
    const withSql = rooms.filter((path) => /\bstatement\(/.test(readFileSync(path, 'utf8')));
    for (const path of withSql) {
      expect(short(path)).toMatch(/(store|counts|unclaimed-blobs)\.ts$/);
    }
  });

  it('has every statement on a tenant name its business', () => {
    const stores = sources.filter((path) =>
      /src\/(recordings|conversations|queues)\/.*\.ts$/.test(path),
    );
    const wrong: string[] = [];
    for (const path of stores) {
      const text = readFileSync(path, 'utf8');
      for (const [, name, , sql] of text.matchAll(
        /statement\(\s*'([^']+)',\s*([`'])([\s\S]*?)\2,?\s*\)/g,
      )) {
        const allowed = ['recordings.find-businesses-to-sweep'];
        const named = /business_id/.test(sql ?? '') || /\$\{/.test(sql ?? '');
        if (!named && !allowed.includes(name ?? '')) wrong.push(`${short(path)}: ${name}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('depends on the schema library alone in the contract', () => {
    const wire = imports.filter(({ from }) => from.includes('/packages/wire/src/'));
    const outside = wire.filter(({ to }) => !to.startsWith(ROOT) && to !== 'typebox');
    expect(outside.map(({ from, to }) => `${short(from)} → ${to}`)).toEqual([]);
  });

  it('runs without what lies beside it', () => {
    const beside = sources.filter(
      (path) =>
        !path.endsWith('architecture.test.ts') && /\.\.\/shared\//.test(readFileSync(path, 'utf8')),
    );
    expect(beside.map(short)).toEqual([]);
  });
});
