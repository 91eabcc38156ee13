import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { failureText } from '../errors.ts';
import { MALFORMED, PARSER_FAULTS } from '../framework-errors.ts';
import { newRequestId } from '../observe.ts';

/** How long a client may take to read the refusal, in milliseconds. */
const CLOSE_MILLISECONDS = 2_000;

/**
 * Answers what Node's HTTP parser refuses and closes the connection. `response` is the one that is
 * under way on it, if any.
 */
export function refuseMalformed(
  error: Error,
  socket: Socket,
  response: ServerResponse | undefined,
): void {
  // More bytes came after the refusal.
  if (socket.writableEnded) return;
  const code = 'code' in error ? String(error.code) : '';
  const isAnswered = response?.headersSent && !response.writableFinished;
  // Browsers connect ahead, and take what they read on such a connection for the answer to the request
  // that they send on it later.
  const hasAsked = socket.bytesRead > 0;
  // A second status line in the middle of an answer would be read as a part of it.
  if (code === 'ECONNRESET' || !socket.writable || isAnswered || !hasAsked) {
    socket.destroy();
    return;
  }
  const [reason, message] = PARSER_FAULTS[code] ?? MALFORMED;
  const body = failureText('Request', { code: reason, message });
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nX-Request-Id: ${newRequestId()}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const timer = setTimeout(() => socket.destroy(), CLOSE_MILLISECONDS);
  socket.once('close', () => clearTimeout(timer));
}
