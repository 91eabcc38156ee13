import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Logger } from 'pino';

// `log_line_prefix` starts each line: backend type|SQLSTATE|SEVERITY:  text
const LINE = /^([^|]+)\|([0-9A-Z]{5})\|([A-Z0-9]+): {2}(.*)$/;
const FAILURE = /^(?:WARNING|ERROR|FATAL|PANIC)$/;
// Crashed sessions are reported at level LOG.
const CRASH = /terminated by signal|reinitializing|not properly shut down/;
// Their messages may quote content of clients.
const PRIVATE = /^(?:client backend|parallel worker|autovacuum worker|background worker)$/;

export interface Failure {
  /** null before the log is set up. */
  readonly code: string | null;
  readonly text: string;
}

export interface ServerLog {
  lastFailure(): Failure | null;
  readonly closed: Promise<unknown>;
}

/** Failures are warnings, the rest debug. Statements' errors may contain content: only codes. */
export function captureLog(stderr: Readable, log: Logger): ServerLog {
  let failure: Failure | null = null;
  const lines = createInterface({ input: stderr });
  lines.on('line', (line) => {
    const [, backend = '', code = '', severity = '', text = ''] = LINE.exec(line) ?? [];
    if (backend === '') {
      // A tab starts a continuation line. Other lines are older than the log's set-up.
      if (line === '' || line.startsWith('\t')) return;
      failure = { code: null, text: line };
      log.warn(line);
    } else if (PRIVATE.test(backend) && severity !== 'LOG' && severity !== 'PANIC') {
      log.debug({ backend, code }, 'a backend reported an error');
    } else {
      if (severity === 'FATAL' || severity === 'PANIC') failure = { code, text };
      log[FAILURE.test(severity) || CRASH.test(text) ? 'warn' : 'debug']({ backend }, text);
    }
  });
  return { lastFailure: () => failure, closed: once(lines, 'close') };
}
