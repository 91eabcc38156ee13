import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { EventSink, Events } from '../access/authorization/call.ts';

const MAX_UNSENT_BYTES = 1024 * 1024;
/** A client that takes nothing for this time is disconnected. */
const STALLED_MILLISECONDS = 10_000;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // nginx would collect events before it forwards them.
  'X-Accel-Buffering': 'no',
  // A stream ends its connection, so a server that closes need not wait for it.
  Connection: 'close',
};

/** Sends events until the handler ends the stream or the client is gone. */
export function sendEvents(answer: Events, reply: FastifyReply): FastifyReply {
  if (answer.events === null) {
    return reply.code(204).header('Cache-Control', 'no-store').send();
  }
  reply.headers(HEADERS);
  if (reply.request.method === 'HEAD') {
    answer.events(NO_READER);
    return reply.code(200).send();
  }
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, reply.getHeaders() as Record<string, string>);
  raw.flushHeaders();
  answer.events(new ResponseSink(raw));
  return reply;
}

const NO_READER: EventSink = {
  isOpen: false,
  write: () => true,
  drained: async () => undefined,
  end: () => undefined,
  onClose: (run) => run(),
};

/** A class without closures, because there are thousands of streams. */
class ResponseSink implements EventSink {
  readonly #response: ServerResponse;
  isOpen = true;
  #onClose: (() => void) | null = null;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.once('close', () => this.#close());
    // Node tells progress from silence; an idle stream has nothing unsent.
    response.socket?.setTimeout(STALLED_MILLISECONDS);
    response.on('timeout', () => {
      if (response.writableLength > 0) response.destroy();
    });
    if (response.destroyed) this.isOpen = false;
  }

  onClose(run: () => void): void {
    this.#onClose = run;
    if (!this.isOpen) run();
  }

  write(chunk: string | Uint8Array): boolean {
    if (!this.isOpen) return true;
    // Before the write: one event may be larger than the limit.
    if (this.#response.writableLength > MAX_UNSENT_BYTES) {
      this.#response.destroy();
      this.#close();
      return true;
    }
    return this.#response.write(chunk);
  }

  drained(): Promise<void> {
    if (!this.isOpen || !this.#response.writableNeedDrain) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = () => {
      this.#response.off('drain', done);
      this.#response.off('close', done);
      resolve();
    };
    this.#response.on('drain', done);
    this.#response.on('close', done);
    return promise;
  }

  end(): void {
    if (!this.isOpen) return;
    this.#response.end();
    this.#close();
  }

  #close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#onClose?.();
  }
}
