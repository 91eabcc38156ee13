import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { failureText } from '../errors.ts';
import { MALFORMED, PARSER_FAULTS } from '../framework-errors.ts';
import { newRequestId } from '../observe.ts';

const CLOSE_MILLISECONDS = 2_000;

/** Answers what Node's HTTP parser refused. `response` is the last one of the connection. */
export function refuseMalformed(
  error: Error,
  socket: Socket,
  response: ServerResponse | undefined,
): void {
  if (socket.writableEnded) return;
  const code = 'code' in error ? String(error.code) : '';
  const isAnswered = response?.headersSent && !response.writableFinished;
  // Browsers open connections in advance and would take this answer for that of their next request.
  const hasReceivedBytes = socket.bytesRead > 0;
  // A second status line within an answer would become part of it.
  if (code === 'ECONNRESET' || !socket.writable || isAnswered || !hasReceivedBytes) {
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
