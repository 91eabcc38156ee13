import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { collectBody } from './collect-body.ts';

const CHUNK = Buffer.alloc(64 * 1024, 'a');
const LIMIT = 16 * 1024 * 1024;

function collect(
  payload: Readable,
  { limit = LIMIT, headers = {} }: { limit?: number; headers?: Record<string, string> } = {},
): Promise<Buffer | undefined> {
  const request = { routeOptions: { bodyLimit: limit }, headers } as unknown as FastifyRequest;
  return new Promise((resolve, reject) => {
    collectBody(request, payload, (error, body) => (error ? reject(error) : resolve(body)));
  });
}

/** Like a sender that is faster than the server. */
const chunksAtOnce = (count: number, chunk = CHUNK) =>
  Readable.from(Array.from({ length: count }, () => chunk));

async function turnsUntilRead(payload: Readable): Promise<number> {
  let isRead = false;
  payload.once('end', () => {
    isRead = true;
  });
  let turns = 0;
  for (; !isRead; turns += 1) await nextTurn();
  return turns;
}

it('a large body is read in turns, so others are answered in between', async () => {
  const payload = chunksAtOnce(100);
  const body = collect(payload);
  expect(await turnsUntilRead(payload)).toBeGreaterThan(90);
  expect((await body)?.length).toBe(100 * CHUNK.length);
});

it('a large body of small chunks needs few turns', async () => {
  const payload = chunksAtOnce(4096, CHUNK.subarray(0, 128));
  const body = collect(payload);
  expect(await turnsUntilRead(payload)).toBeLessThan(20);
  expect((await body)?.length).toBe(4096 * 128);
});

it('a body over the limit is refused', async () => {
  const refused = collect(chunksAtOnce(10), { limit: 9 * CHUNK.length });
  await expect(refused).rejects.toMatchObject({ code: 'FST_ERR_CTP_BODY_TOO_LARGE' });
});

it('a large body of another length than announced is refused', async () => {
  const headers = { 'content-length': String(10 * CHUNK.length + 1) };
  const refused = collect(chunksAtOnce(10), { headers });
  await expect(refused).rejects.toMatchObject({ code: 'FST_ERR_CTP_INVALID_CONTENT_LENGTH' });
});

it('a large body that is cut off between two turns is refused once', async () => {
  const payload = chunksAtOnce(100);
  const body = collect(payload);
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  payload.destroy(new Error('aborted'));
  await expect(body).rejects.toMatchObject({ message: 'aborted', statusCode: 400 });
});
