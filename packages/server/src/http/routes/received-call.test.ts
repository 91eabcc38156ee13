import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReceivedCall } from './received-call.ts';

const PARTS = {
  params: {},
  query: {},
  body: null,
  largeParts: null,
  csv: null,
  idempotencyKey: null,
  ifNoneMatch: null,
};
const ACCESS = {
  authorize: () => Promise.resolve(null),
  isOutdated: () => false,
  share: () => {
    throw new Error('nothing here is large');
  },
};
const server = createServer();
let url: string;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close().closeAllConnections());

async function receive() {
  const sending = request(url).on('error', () => undefined);
  sending.end();
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  return { sending, response, call: new ReceivedCall(null, PARTS, response, ACCESS) };
}

describe('the abort signal of a received call', () => {
  it('the signal is aborted if the client disconnects before the answer', async () => {
    const { sending, call } = await receive();
    const { signal } = call;
    expect(signal.aborted).toBe(false);
    expect(call.signal).toBe(signal);
    sending.destroy();
    await once(signal, 'abort');
  });

  it('the signal is aborted from the start if the client has already disconnected', async () => {
    const { sending, response, call } = await receive();
    sending.destroy();
    await once(response, 'close');
    expect(call.signal.aborted).toBe(true);
  });

  it('the signal is not aborted by the answer', async () => {
    const { sending, response, call } = await receive();
    const { signal } = call;
    response.end('{}');
    const [answer] = await once(sending, 'response');
    answer.resume();
    await once(answer, 'close');
    sending.destroy();
    if (!response.closed) await once(response, 'close');
    expect(signal.aborted).toBe(false);
    expect(new ReceivedCall(null, PARTS, response, ACCESS).signal.aborted).toBe(false);
  });
});
