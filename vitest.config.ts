import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { hasPostgresql15 } from './test/postgresql-15.ts';

/** The tests whose subject is what is stored: they run on the oldest PostgreSQL too. */
const STORAGE = [
  'append',
  'audit',
  'jobs',
  'list',
  'migrate',
  'put',
  'queue-edges',
  'queue-enqueue',
  'queue-list',
  'queue-work',
  'recordings',
  'transaction',
  'recordings-store',
].map((name) => `test/${name}.test.ts`);

const shared = {
  pool: 'forks',
  // Node runs the sources as they are; so do the tests.
  experimental: { viteModuleRunner: false },
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // What is waited for comes soon, but the machine does other things too.
  expect: { poll: { timeout: 15_000 } },
} as const;

const embedded = {
  test: {
    ...shared,
    name: 'colloquy',
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    globalSetup: ['test/postgres.ts', 'test/swift.ts', 'test/console-build.ts'],
  },
};
const postgresql15 = {
  test: {
    ...shared,
    name: 'postgresql-15',
    include: STORAGE,
    globalSetup: ['test/postgresql-15.ts', 'test/swift.ts'],
  },
};

if (!hasPostgresql15()) {
  console.log('Left out: the tests of storage on PostgreSQL 15 (Debian package postgresql-15).');
}

export default defineConfig({
  // More than there are cores: most of the slow tests wait for something.
  test: {
    maxWorkers: availableParallelism() + 1,
    projects: hasPostgresql15() ? [embedded, postgresql15] : [embedded],
  },
});
