import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerParent } from './forked.ts';

export type ReceiverOrder =
  | { readonly kind: 'listen' }
  /** Waits for this number of messages at each path, and forgets them. */
  | { readonly kind: 'await'; readonly counts: Readonly<Record<string, number>> };

export interface Received {
  readonly port: number;
  /** By path: conversation, type and wall-clock time of the first copy of each message. */
  readonly messages: Readonly<Record<string, readonly ReceivedMessage[]>>;
}

export type ReceivedMessage = readonly [conversationId: string, type: string, at: number];

const PATIENCE_MILLISECONDS = 600_000;
/** At this path nothing is ever answered. */
const DEAD = '/dead';

let port = 0;
let messages: Record<string, ReceivedMessage[]> = {};
let seen = new Set<string>();

const server = createServer((request, response) => {
  const { url: path = '', headers } = request;
  if (path === DEAD) return;
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    response.writeHead(204).end();
    const id = `${path} ${headers['webhook-id']}`;
    if (seen.has(id)) return;
    seen.add(id);
    const { type, data } = JSON.parse(body);
    messages[path] ??= [];
    messages[path].push([data.Id, type, Date.now()]);
  });
});

answerParent(async (order: ReceiverOrder): Promise<Received> => {
  if (order.kind === 'listen') {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    return { port, messages: {} };
  }
  const begin = performance.now();
  const isDone = () =>
    Object.entries(order.counts).every(([path, n]) => (messages[path]?.length ?? 0) >= n);
  while (!isDone() && performance.now() - begin < PATIENCE_MILLISECONDS) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const received = messages;
  messages = {};
  seen = new Set();
  return { port, messages: received };
});
