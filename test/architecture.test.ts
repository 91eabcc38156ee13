import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const SERVER = join(ROOT, 'packages/server/src');
const CONSOLE = join(ROOT, 'packages/console/src');

/** A file imports only from its own room and from rooms of a lower rank. */
const RANKS: Record<string, number> = {
  'config.ts': 0,
  kernel: 0,
  blobs: 1,
  counters: 1,
  tombstones: 2,
  'context.ts': 3,
  access: 4,
  changes: 5,
  holds: 5,
  recordings: 5,
  redaction: 5,
  conversations: 6,
  queues: 7,
  analytics: 8,
  backup: 8,
  connectors: 8,
  maintenance: 8,
  retention: 8,
  streams: 8,
  webhooks: 8,
  http: 9,
  commands: 10,
};
const TOP = 10;

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
const CONSOLE_TOP = 6;
const CONSOLE_PACKAGES = [
  '@colloquy/csv',
  '@colloquy/phone-numbers',
  '@colloquy/sdk',
  '@colloquy/wire',
];

const FORBIDDEN_NAMES = /^(utils?|helpers?|common|shared|lib|misc|manager|service)(\.|$)/;
const MAX_FILES_IN_FOLDER = 20;
const MAX_LINES = 400;
const MAX_TEST_LINES = 600;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  readonly names: readonly string[];
}

const sources = ['packages', 'test', 'bench', 'samples'].flatMap((folder) =>
  listFiles(join(ROOT, folder)),
);
const serverFiles = sources.filter((path) => path.startsWith(`${SERVER}/`) && !isTest(path));
const imports = sources.flatMap(readImports);
/** Tests beside the code may import the fixtures in `test` and other packages. */
const codeImports = imports.filter(({ from }) => !isTest(from));
const serverImports = codeImports.filter(({ from }) => from.startsWith(`${SERVER}/`));

function isTest(path: string): boolean {
  return path.includes('.test.');
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', 'goldens', 'demo'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listFiles(path);
    return /\.(ts|tsx)$/.test(entry.name) ? [path] : [];
  });
}

function readImports(path: string): Import[] {
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

const short = (path: string) => relative(ROOT, path);
const arrow = ({ from, to }: Import) => `${short(from)} → ${short(to)}`;
const roomOf = (path: string) => relative(SERVER, path).split('/')[0] ?? '';
const consoleRoomOf = (path: string) => relative(CONSOLE, path).split('/')[0] ?? '';

function rankOf(path: string): number {
  const room = roomOf(path);
  const rank = RANKS[room];
  if (rank !== undefined) return rank;
  if (room.endsWith('.ts')) return TOP;
  throw new Error(`${short(path)} is in a room without a rank`);
}

function consoleRankOf(path: string): number {
  const room = consoleRoomOf(path);
  return CONSOLE_RANKS[room] ?? (room.includes('.') ? CONSOLE_TOP : Number.NaN);
}

/** Each cycle as a list of files; type-only imports count. */
function findCycles(): string[] {
  const edges = Map.groupBy(
    imports.filter(({ to }) => to.startsWith(ROOT)),
    ({ from }) => from,
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].map(short).join(' → '));
    if (start >= 0 || done.has(path)) return;
    for (const { to } of edges.get(path) ?? []) walk(to, [...trail, path]);
    done.add(path);
  };
  for (const path of sources) walk(path, []);
  return cycles;
}

describe('layers', () => {
  it('server files import only from their room and from lower ranks', () => {
    const wrong = serverImports.filter(({ from, to }) => {
      if (!to.startsWith(`${SERVER}/`) || roomOf(from) === roomOf(to)) return false;
      if (rankOf(from) === TOP) return false;
      return rankOf(to) >= rankOf(from) && RANKS[roomOf(to)] !== 0;
    });
    expect(wrong.map(arrow)).toEqual([]);
  });

  it('every room with a rank exists', () => {
    const exist = (folder: string) => new Set(readdirSync(folder));
    expect(Object.keys(RANKS).filter((room) => !exist(SERVER).has(room))).toEqual([]);
    expect(Object.keys(CONSOLE_RANKS).filter((room) => !exist(CONSOLE).has(room))).toEqual([]);
  });

  it('console files import only the API client, their folder and lower ranks', () => {
    const inConsole = codeImports.filter(({ from }) => from.startsWith(`${CONSOLE}/`));
    const wrong = inConsole.filter(({ from, to }) => {
      if (to.startsWith('@colloquy/')) return !CONSOLE_PACKAGES.includes(to);
      if (!to.startsWith('/')) return to.startsWith('node:');
      if (!to.startsWith(`${CONSOLE}/`)) return true;
      const isTop = consoleRankOf(from) === CONSOLE_TOP;
      return (
        consoleRoomOf(from) !== consoleRoomOf(to) &&
        !isTop &&
        !(consoleRankOf(to) < consoleRankOf(from))
      );
    });
    expect(inConsole.length).toBeGreaterThan(50);
    expect(wrong.map(arrow)).toEqual([]);
  });

  it('there are no import cycles, type-only imports included', () => {
    expect(findCycles()).toEqual([]);
  });

  it('files import another package only by its name', () => {
    const wrong = codeImports.filter(({ from, to }) => {
      const [, own] = /\/packages\/([^/]+)\/src\//.exec(from) ?? [];
      const [, other] = /\/packages\/([^/]+)\//.exec(to) ?? [];
      return own !== undefined && other !== undefined && own !== other;
    });
    expect(wrong.map(arrow)).toEqual([]);
  });
});

describe('files', () => {
  it('a folder of sources has at most 20 files', () => {
    const folders = Map.groupBy(
      sources.filter((path) => /\/packages\/[^/]+\/src\//.test(path) && !isTest(path)),
      dirname,
    );
    const full = [...folders].filter(([, files]) => files.length > MAX_FILES_IN_FOLDER);
    expect(full.map(([folder, files]) => `${short(folder)}: ${files.length}`)).toEqual([]);
  });

  it('a source file has at most 400 lines, and a test 600', () => {
    const long = sources.filter((path) => {
      const lines = readFileSync(path, 'utf8').split('\n').length - 1;
      return lines > (isTest(path) ? MAX_TEST_LINES : MAX_LINES);
    });
    expect(long.map(short)).toEqual([]);
  });

  it('no file or folder has a generic name such as utils', () => {
    const nameless = sources.filter((path) =>
      short(path)
        .split('/')
        .some((part) => FORBIDDEN_NAMES.test(part)),
    );
    expect(nameless.map(short)).toEqual([]);
  });

  it('no file refers to folders outside of the repository', () => {
    const wrong = sources.filter(
      (path) =>
        !path.endsWith('architecture.test.ts') && /\.\.\/shared\//.test(readFileSync(path, 'utf8')),
    );
    expect(wrong.map(short)).toEqual([]);
  });
});

describe('responsibilities', () => {
  it('only its package imports the phone number library', () => {
    const library = codeImports.filter(({ to }) => to.startsWith('libphonenumber-js'));
    const allowed = /^(packages\/phone-numbers|test)\//;
    const wrong = library.filter(({ from }) => !allowed.test(short(from)));
    expect(wrong.map(arrow)).toEqual([]);
    const own = codeImports.filter(({ from }) => from.includes('/packages/phone-numbers/src/'));
    const others = own.filter(
      ({ to }) =>
        !to.includes('/packages/phone-numbers/src/') && !/^libphonenumber-js(\/max)?$/.test(to),
    );
    expect(others.map(arrow)).toEqual([]);
  });

  it('only http imports Fastify and uses statuses, and only config.ts reads process.env', () => {
    const fastify = serverImports.filter(
      ({ from, to }) =>
        /^(fastify$|@fastify\/)/.test(to) && !['http', 'app.ts'].includes(roomOf(from)),
    );
    expect(fastify.map(arrow)).toEqual([]);
    const readers = serverFiles.filter((path) =>
      readFileSync(path, 'utf8').includes('process.env'),
    );
    expect(readers.map(short)).toEqual(['packages/server/src/config.ts']);
    const statuses = serverFiles.filter((path) => /\bREASONS\b/.test(readFileSync(path, 'utf8')));
    for (const path of statuses) expect(short(path)).toMatch(/src\/http\//);
  });

  it('only handlers and from-wire files import schemas of the contract', () => {
    // Enums and limits of the contract are constants that every file may use.
    const rooms = serverImports.filter(
      ({ from }) => rankOf(from) > 0 && rankOf(from) < (RANKS.http ?? 0),
    );
    const wrong = rooms.filter(
      ({ from, to, typeOnly, names }) =>
        to === '@colloquy/wire' &&
        !typeOnly &&
        !/\/(handlers|from-wire)\.ts$/.test(from) &&
        names.some((name) => !/^[A-Z_]+$/.test(name)),
    );
    expect(wrong.map(({ from, names }) => `${short(from)}: ${names.join(', ')}`)).toEqual([]);
  });

  it('only stores contain SQL', () => {
    const rooms = serverFiles.filter((path) => rankOf(path) > 0);
    const withSql = rooms.filter((path) => /\bstatement\(/.test(readFileSync(path, 'utf8')));
    for (const path of withSql) {
      expect(short(path)).toMatch(/(store|counts)\.ts$/);
    }
  });

  it('the contract depends only on the schema library', () => {
    const wire = codeImports.filter(({ from }) => from.includes('/packages/wire/src/'));
    const outside = wire.filter(({ to }) => !to.startsWith(ROOT) && to !== 'typebox');
    expect(outside.map(arrow)).toEqual([]);
  });
});
