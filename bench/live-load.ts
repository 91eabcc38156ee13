import { connect, type Socket } from 'node:net';
import { answerParent } from './forked.ts';
import { HttpConnection, requestText } from './http-connection.ts';
import { type Measured, summarize } from './measured.ts';

export type LiveOrder =
  | { readonly kind: 'subscribe'; readonly port: number; readonly requests: readonly string[] }
  | { readonly kind: 'speak'; readonly speech: Speech };

export interface Speech {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Of AppendConversationEvents; the calls exist. */
  readonly paths: readonly string[];
  readonly eventsPerSecond: number;
  readonly seconds: number;
  /** Of all events, over all subscribers. */
  readonly receipts: number;
}

export interface Heard {
  /** From the answer of the append to the subscriber's socket; 0 if the event was there first. */
  readonly latency: Measured;
  readonly events: number;
  readonly receipts: number;
}

const LATEST_MILLISECONDS = 10_000;
const EVENT = /"EventId":"said-(\d+)"/g;

/** Subscribers stay connected for all orders; receipts are those of the present speech. */
const sockets: Socket[] = [];
let receivedAt: [event: number, at: number][] = [];

function subscribe(port: number, request: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1', () => socket.write(request));
  socket.setEncoding('latin1');
  sockets.push(socket);
  let rest = '';
  socket.on('data', (chunk: string) => {
    const at = performance.now();
    if (chunk.startsWith('HTTP/1.1')) {
      if (chunk.startsWith('HTTP/1.1 200')) resolve();
      else reject(new Error(chunk));
    }
    // An id may be cut by the end of a chunk.
    const text = rest + chunk;
    let end = 0;
    for (const found of text.matchAll(EVENT)) {
      receivedAt.push([Number(found[1]), at]);
      end = found.index + found[0].length;
    }
    rest = text.slice(Math.max(end, text.length - 32));
  });
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('the server ended a stream')));
  return promise;
}

async function speak(speech: Speech): Promise<Heard> {
  const { port, headers, paths, eventsPerSecond, seconds, receipts } = speech;
  receivedAt = [];
  const total = eventsPerSecond * seconds;
  const answeredAt = new Float64Array(total);
  const idle: HttpConnection[] = [];
  const underWay = new Set<Promise<void>>();
  const begin = performance.now();
  const send = async (event: number) => {
    const path = paths[event % paths.length] ?? '';
    const connection = idle.pop() ?? (await HttpConnection.open(port));
    const status = await connection.send(requestText('POST', path, headers, bodyOf(event)));
    if (status !== 200) throw new Error(`an append was answered with ${status}`);
    answeredAt[event] = performance.now();
    idle.push(connection);
  };
  let sent = 0;
  const failure = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - begin) / 1000) * eventsPerSecond));
    for (; sent < due; sent += 1) {
      const one = send(sent);
      underWay.add(one);
      one.then(() => underWay.delete(one), failure.reject);
    }
    if (sent === total) clearInterval(timer);
  }, 1);
  const allReceived = async () => {
    while (sent < total) await pause();
    await Promise.all(underWay);
    const last = performance.now();
    while (receivedAt.length < receipts && performance.now() - last < LATEST_MILLISECONDS) {
      await pause();
    }
  };
  await Promise.race([allReceived(), failure.promise]);
  for (const connection of idle) connection.close();
  const times = receivedAt.map(([event, at]) => Math.max(0, at - (answeredAt[event] ?? at)));
  const latency = summarize(times, (performance.now() - begin) / 1000);
  return { latency, events: total, receipts: times.length };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

let spoken = 0;

function bodyOf(event: number): string {
  spoken += 1;
  const Content = `Sentence ${spoken}: there is room on Wednesday at ten or on Friday at half past three.`;
  const Timestamp = new Date().toISOString();
  const said = { EventId: `said-${event}`, Type: 'MessageAdded', Timestamp, SenderId: 'caller' };
  return JSON.stringify({ Events: [{ ...said, Role: 'User', Content }] });
}

answerParent(async (order: LiveOrder): Promise<Heard | null> => {
  if (order.kind === 'speak') return speak(order.speech);
  const { port, requests } = order;
  // In groups: a server accepts a limited number of connections at once.
  for (let at = 0; at < requests.length; at += 100) {
    const group = requests.slice(at, at + 100);
    await Promise.all(group.map((request) => subscribe(port, request)));
  }
  return null;
});
