import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { collectBody } from './collect-body.ts';

const CHUNK = Buffer.alloc(64 * 1024, 'a');
const LIMIT = 16 * 1024 * 1024;

function collect(payload: Readable, limit = LIMIT): Promise<Buffer | undefined> {
  const request = { routeOptions: { bodyLimit: limit }, headers: {} } as unknown as FastifyRequest;
  return new Promise((resolve, reject) => {
    collectBody(request, payload, (error, body) => (error ? reject(error) : resolve(body)));
  });
}

/** Like a sender that is faster than the server. */
const chunksAtOnce = (count: number) => Readable.from(Array.from({ length: count }, () => CHUNK));

it('reads a large body one chunk per turn, so others are answered in between', async () => {
  const payload = chunksAtOnce(100);
  let isRead = false;
  payload.once('end', () => {
    isRead = true;
  });
  const body = collect(payload);
  let turns = 0;
  for (; !isRead; turns += 1) await nextTurn();
  expect(turns).toBeGreaterThan(90);
  expect((await body)?.length).toBe(100 * CHUNK.length);
});

it('refuses a body over the limit', async () => {
  await expect(collect(chunksAtOnce(10), 9 * CHUNK.length)).rejects.toMatchObject({
    code: 'FST_ERR_CTP_BODY_TOO_LARGE',
  });
});
