import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Logger } from 'pino';

// `log_line_prefix` in front of what PostgreSQL writes: backend type|SQLSTATE|SEVERITY:  text
const LINE = /^([^|]+)\|([0-9A-Z]{5})\|([A-Z0-9]+): {2}(.*)$/;
const FAILURE = /^(?:WARNING|ERROR|FATAL|PANIC)$/;
// What it says of a crashed session, at LOG like the rest of its daily doings.
const CRASH = /terminated by signal|reinitializing|not properly shut down/;
// Work on what clients sent: the text of an error may quote it.
const PRIVATE = /^(?:client backend|parallel worker|autovacuum worker|background worker)$/;

export interface ServerLog {
  /** The last reason it gave for not going on, or null. */
  lastFailure(): string | null;
  /** Resolves when nobody can write any more. */
  readonly closed: Promise<unknown>;
}

/**
 * Passes on what PostgreSQL writes: failures as warnings, all else at debug, and nothing that can
 * hold what people said. An error in a client's statement is told to that client; here it is
 * only a code.
 */
export function captureLog(stderr: Readable, log: Logger): ServerLog {
  let failure: string | null = null;
  const lines = createInterface({ input: stderr });
  lines.on('line', (line) => {
    const [, backend = '', code = '', severity = '', text = ''] = LINE.exec(line) ?? [];
    if (backend === '') {
      // Lines that go on with an earlier one begin with a tab; others come from before its log
      // is set up, such as a missing library.
      if (line === '' || line.startsWith('\t')) return;
      failure = line;
      log.warn(line);
    } else if (PRIVATE.test(backend) && severity !== 'LOG' && severity !== 'PANIC') {
      log.debug({ backend, code }, 'ended with this code');
    } else {
      if (severity === 'FATAL' || severity === 'PANIC') failure = text;
      log[FAILURE.test(severity) || CRASH.test(text) ? 'warn' : 'debug']({ backend }, text);
    }
  });
  return { lastFailure: () => failure, closed: once(lines, 'close') };
}
