import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { browserPath } from './test/e2e/chromium.ts';
import { hasPostgresql15 } from './test/servers/postgresql-15.ts';

/** The tests whose subject is what is stored: they run on the oldest PostgreSQL too. */
const STORAGE = [
  'access/audit',
  'conversations/append',
  'conversations/list',
  'conversations/put',
  'kernel/jobs',
  'kernel/migrate',
  'kernel/transaction',
  'queues/queue-edges',
  'queues/queue-enqueue',
  'queues/queue-list',
  'queues/queue-work',
  'recordings/recordings',
  'recordings/recordings-store',
].map((name) => `test/${name}.test.ts`);

const shared = {
  pool: 'forks',
  // Test files that run one after another share a process, which loads the server once: loading it
  // costs more than most files take. So a test restores what it changes in `process`.
  isolate: false,
  // Node runs the sources as they are; so do the tests. None mocks a module.
  experimental: { viteModuleRunner: false, nodeLoader: false },
  // Limits only end a test that hangs: the machine may be busy with other work.
  testTimeout: 300_000,
  // The first tests in a browser wait for the sample data.
  hookTimeout: 900_000,
  expect: { poll: { timeout: 60_000 } },
} as const;

const embedded = {
  test: {
    ...shared,
    name: 'colloquy',
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
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

if (!hasPostgresql15()) {
  console.log('Left out: the tests of storage on PostgreSQL 15 (Debian package postgresql-15).');
}

if (browserPath() === null) {
  console.log(
    'Left out: all tests of the console in a browser (no chromium, chromium-browser or google-chrome on the path).',
  );
}

export default defineConfig({
  // More than there are cores: most of the slow tests wait for something.
  test: {
    maxWorkers: availableParallelism() + 1,
    projects: [embedded, ...(hasPostgresql15() ? [postgresql15] : [])],
  },
});
