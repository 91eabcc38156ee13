import { globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@colloquy/embedded-postgres';
import { type Code, type Op, ops, REASONS } from '@colloquy/wire';
import pg from 'pg';
import { pino } from 'pino';
import packageJson from '../packages/server/package.json' with { type: 'json' };
import '../packages/server/src/app.ts';
import { buildOpenApi } from '../packages/server/src/http/openapi/document.ts';
import { reasonsOf, sufficientTypes } from '../packages/server/src/http/openapi/op-facts.ts';
import {
  CONNECT_REASONS,
  GET_RECORDING_REASONS,
} from '../packages/server/src/http/openapi/plain-routes.ts';
import { declaredStatements } from '../packages/server/src/kernel/postgres/database.ts';
import { migrate } from '../packages/server/src/kernel/postgres/migrate.ts';
import { dumpSchema } from './servers/schema-dump.ts';

/** The rooms with generated statements, whose names begin with the room. */
const ROOMS = [
  'access',
  'analytics',
  'changes',
  'connectors',
  'conversations',
  'counts',
  'holds',
  'jobs',
  'queues',
  'recordings',
  'retention',
  'webhooks',
] as const;
/** Files that show each change of the contract, of the schema and of generated SQL in a diff. */
export const GOLDENS = [
  'openapi.json',
  'permissions.txt',
  'errors.txt',
  'schema.sql',
  ...ROOMS.map((room) => `sql/${room}.sql` as const),
] as const;
export type Golden = (typeof GOLDENS)[number];

export const goldenUrl = (name: Golden): URL =>
  new URL(`../packages/server/goldens/${name}`, import.meta.url);

export async function makeGoldens(
  migrated: Pick<pg.Client, 'query'>,
): Promise<Record<Golden, string>> {
  return {
    'openapi.json': `${JSON.stringify(buildOpenApi(packageJson.version), null, 2)}\n`,
    'permissions.txt': permissions(),
    'errors.txt': errors(),
    'schema.sql': await dumpSchema(migrated),
    ...generatedSql(),
  };
}

/** The statements that no source file contains as they are. */
function generatedSql(): Record<`sql/${(typeof ROOMS)[number]}.sql`, string> {
  const folder = new URL('../packages/server/src/', import.meta.url).pathname;
  const sources = globSync(`${folder}**/*.ts`).map((path) => readFileSync(path, 'utf8'));
  const generated = declaredStatements().filter(
    ({ name, text }) =>
      // Those for a number of patterns are declared at their first use.
      !/-\d+$/.test(name) && !sources.some((source) => source.includes(text)),
  );
  const ofRoom = (room: string) =>
    generated
      .filter(({ name }) => name.startsWith(`${room}.`))
      .map(({ name, text }) => `-- ${name}\n${tidy(text)};\n`)
      .join('\n');
  return Object.fromEntries(ROOMS.map((room) => [`sql/${room}.sql`, ofRoom(room)])) as ReturnType<
    typeof generatedSql
  >;
}

const tidy = (sql: string) =>
  sql
    .trim()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');

const declared: readonly Op[] = Object.values(ops);

function permissions(): string {
  const lines = declared.map((op) => {
    const methods = [op.method, ...(op.alsoMethods ?? [])].join(',');
    const { permission } = op;
    const needs =
      typeof permission === 'string'
        ? permission
        : `${permission.module}: ${sufficientTypes(permission).join(', ')}${permission.onlyOwner ? ' of an Owner' : ''}`;
    return `${op.name} ${methods} ${op.path}\n  ${needs}`;
  });
  return `${lines.join('\n')}\n`;
}

function errors(): string {
  const lines = (name: string, codes: readonly Code[]) => [
    name,
    ...codes.map((code) => `  ${REASONS[code].status} ${code}`),
  ];
  const all = [
    ...declared.flatMap((op) => lines(op.name, reasonsOf(op))),
    ...lines('GetRecording', GET_RECORDING_REASONS),
    ...lines('Connect', CONNECT_REASONS),
    ...lines('Request', ['INVALID_REQUEST', 'NOT_FOUND', 'METHOD_NOT_ALLOWED']),
  ];
  return `${all.join('\n')}\n`;
}

/** Writes the goldens, with a temporary PostgreSQL. */
async function writeGoldens(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'colloquy-goldens-'));
  const postgres = await startEmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) });
  const client = new pg.Client(postgres.connection);
  try {
    await client.connect();
    await migrate(client);
    const goldens = await makeGoldens(client);
    await mkdir(new URL('sql/', goldenUrl('schema.sql')), { recursive: true });
    for (const name of GOLDENS) await writeFile(goldenUrl(name), goldens[name]);
  } finally {
    await client.end();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  if (process.argv[2] !== '--write') {
    console.error('Usage: node test/goldens.ts --write');
    process.exit(1);
  }
  await writeGoldens();
  console.log('The goldens are written; review the diff.');
}
