import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { browserPath } from './test/e2e/chromium.ts';
import { hasPostgresql15 } from './test/servers/postgresql-15.ts';

/** Tests of stored data, which also run on the oldest supported PostgreSQL. */
const STORAGE = [
  'packages/server/src/kernel/postgres/database',
  'packages/server/src/recordings/storage/store',
  'test/access/audit',
  'test/conversations/append',
  'test/conversations/list',
  'test/conversations/put',
  'test/kernel/jobs',
  'test/kernel/migrate',
  'test/queues/queue-edges',
  'test/queues/queue-enqueue',
  'test/queues/queue-list',
  'test/queues/queue-work',
  'test/recordings/recordings',
].map((name) => `${name}.test.ts`);

/** More tests of what businesses store, which also run with tables on several nodes. */
const STORAGE_OF_BUSINESSES = [
  'test/analytics/**/*',
  'test/changes/**/*',
  'test/connectors/**/*',
  'test/conversations/**/*',
  'test/kernel/backfill',
  'test/redaction/**/*',
  'test/retention/**/*',
  'test/streams/**/*',
  'test/webhooks/**/*',
].map((name) => `${name}.test.ts`);

/** Tests that wait long or have a lot to do. If they began late, one of them would run alone at the end. */
const LONG = [
  'test/kernel/outage',
  'test/commands/start',
  'test/commands/package',
  'test/commands/release',
  'test/deploy/image',
  'test/recordings/remeasure-recordings',
  'packages/server/src/recordings/derived/decode-in-thread',
  'test/kernel/embedded-postgres',
  'test/soak/kill-live',
  'test/streams/large-history',
  'test/backup/restore',
  'test/soak/damaged-audio',
].map((name) => `/${name}.test.ts`);

class LongFirst extends BaseSequencer {
  /** A process runs the files of one project, so projects stay together. */
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      LONG.some((name) => moduleId.endsWith(name)) ? 0 : 1;
    // PostgreSQL 15 first: meanwhile the sample data for browser tests is made.
    const order = (a: TestSpecification, b: TestSpecification) =>
      b.project.name.localeCompare(a.project.name) || rank(a) - rank(b);
    return (await super.sort(specifications)).sort(order);
  }
}

const shared = {
  pool: 'forks',
  // Successive test files share a process, because loading the server costs more than most files
  // take. So a test restores what it changes in `process`.
  isolate: false,
  // Node runs sources and tests directly. No test mocks a module.
  experimental: { viteModuleRunner: false, nodeLoader: false },
  // The limits only end a test that hangs on a busy machine.
  testTimeout: 300_000,
  // The first browser tests wait for the sample data.
  hookTimeout: 900_000,
  expect: { poll: { timeout: 60_000 } },
} as const;

const embedded = {
  test: {
    ...shared,
    name: 'colloquy',
    include: ['test/**/*.test.ts', 'packages/*/{src,test}/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/citus/**'],
    globalSetup: [
      'test/servers/postgres.ts',
      'test/servers/swift.ts',
      'test/servers/console-build.ts',
      'test/e2e/demo-data.ts',
    ],
  },
};
const postgresql15 = {
  test: {
    ...shared,
    name: 'postgresql-15',
    include: STORAGE,
    globalSetup: ['test/servers/postgresql-15.ts', 'test/servers/swift.ts'],
  },
};

const citus = {
  test: {
    ...shared,
    name: 'citus',
    include: ['test/citus/**/*.test.ts', ...STORAGE, ...STORAGE_OF_BUSINESSES],
    globalSetup: ['test/servers/citus.ts', 'test/servers/swift.ts'],
  },
};
const hasCitus = process.env.CITUS_DATABASE_URL !== undefined;

if (!hasCitus) {
  console.log('Left out: the tests of storage on Citus (CITUS_DATABASE_URL names no coordinator).');
}

if (!hasPostgresql15()) {
  console.log('Left out: the tests of storage on PostgreSQL 15 (Debian package postgresql-15).');
}

if (browserPath() === null) {
  console.log(
    'Left out: all tests of the console in a browser (no chromium, chromium-browser or google-chrome on the path).',
  );
}

export default defineConfig({
  test: {
    // More than cores, because most slow tests wait.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: LongFirst },
    projects: [
      embedded,
      ...(hasPostgresql15() ? [postgresql15] : []),
      ...(hasCitus ? [citus] : []),
    ],
  },
});
