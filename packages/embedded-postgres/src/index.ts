export { findRunningPostgres } from './running.ts';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './start.ts';
export { PostgresStartError } from './start-error.ts';
