import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openOutboundAgent } from '../../kernel/outbound-guard.ts';
import { sendRequest } from './request.ts';

const LONG_MILLISECONDS = 60_000;
const SHORT_MILLISECONDS = 100;

/** An agent with one connection, and a receiver. */
async function openPair(answer: RequestListener) {
  const closing = new AsyncDisposableStack();
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.defer(() => void server.close());
  closing.defer(() => server.closeAllConnections());
  const options = { allowPrivateTargets: true, connections: 1, timeoutMs: LONG_MILLISECONDS };
  const agent = openOutboundAgent(options);
  closing.defer(() => agent.destroy());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const stop = new AbortController();
  let stuck = 0;
  const send = (timeoutMs: number) =>
    sendRequest({
      ...{ agent, url, headers: {}, body: '{}', timeoutMs, signal: stop.signal },
      onStuck: () => {
        stuck += 1;
      },
    });
  return {
    send,
    stop,
    stuck: () => stuck,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

test('a request that waits for a connection ends after its time', async () => {
  const { promise: isReached, resolve: reach } = Promise.withResolvers<void>();
  await using pair = await openPair(() => reach());
  const first = pair.send(LONG_MILLISECONDS);
  await isReached;
  const second = await pair.send(SHORT_MILLISECONDS);
  expect(second.error).toBe('The receiver did not answer within 0.1 s.');
  expect(pair.stuck()).toBe(1);
  pair.stop.abort();
  expect((await first).error).toMatch(/^The request failed/);
  expect(pair.stuck()).toBe(1);
});

test('an answer that never ends counts by its status after the time of the request', async () => {
  await using pair = await openPair((_, response) => {
    response.writeHead(200).write('be');
    const timer = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(timer));
  });
  const answered = await pair.send(SHORT_MILLISECONDS);
  expect(answered).toMatchObject({ httpStatus: 200, error: null });
  expect(answered.answer).toMatch(/^be\.*$/);
  const next = await pair.send(SHORT_MILLISECONDS);
  expect(next.httpStatus).toBe(200);
  expect(pair.stuck()).toBe(0);
});

test('a request without an answer ends after its time and frees its connection', async () => {
  let answers = false;
  await using pair = await openPair((_, response) => {
    if (answers) response.writeHead(204).end();
  });
  expect((await pair.send(SHORT_MILLISECONDS)).error).toMatch(/did not answer within/);
  answers = true;
  expect(await pair.send(LONG_MILLISECONDS)).toMatchObject({ httpStatus: 204, error: null });
  expect(pair.stuck()).toBe(0);
});
