import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { InputOf } from '@colloquy/sdk';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type FairShareOptions,
  openFairShare,
} from '../../packages/server/src/kernel/fair-share/fair-share.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

const A = 1;
const B = 2;
const MIB = 1024 * 1024;

/** Runs work until `end` is called, and records what began. */
function openWork(options: FairShareOptions = {}) {
  const share = openFairShare(new Registry(), { slots: 2, ...options });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const works: Promise<void>[] = [];
  let isOver = false;
  const run = (businessId: number, name: string, signal?: AbortSignal) => {
    const work = share.run({ businessId, kind: 'test', ...(signal && { signal }) }, async () => {
      begun.push(name);
      if (!isOver) await new Promise<void>((resolve) => ends.set(name, resolve));
    });
    works.push(work);
    return work;
  };
  const end = (name: string) => ends.get(name)?.();
  // Work that still waits would be refused during a later test.
  onTestFinished(async () => {
    isOver = true;
    for (const name of ends.keys()) end(name);
    await Promise.allSettled(works);
  });
  return { share, begun, run, end };
}

describe('fair share of large work', () => {
  it('a business begins immediately although another one has a long queue', async () => {
    const { begun, run } = openWork();
    for (let index = 0; index < 20; index += 1) void run(A, `a${index}`);
    void run(B, 'b');
    await expect.poll(() => begun).toEqual(['a0', 'b']);
  });

  it('businesses take turns, and the work of each keeps its order', async () => {
    const { begun, run, end } = openWork({ slots: 2 });
    for (const name of ['a0', 'a1', 'a2']) void run(A, name);
    for (const name of ['b0', 'b1']) void run(B, name);
    void run(3, 'c0');
    await expect.poll(() => begun).toEqual(['a0', 'b0']);
    end('a0');
    await expect.poll(() => begun).toEqual(['a0', 'b0', 'a1']);
    end('a1');
    await expect.poll(() => begun).toEqual(['a0', 'b0', 'a1', 'c0']);
    end('c0');
    await expect.poll(() => begun).toEqual(['a0', 'b0', 'a1', 'c0', 'a2']);
    end('b0');
    await expect.poll(() => begun).toEqual(['a0', 'b0', 'a1', 'c0', 'a2', 'b1']);
  });

  it('work of a disconnected client is removed, and the work behind it begins', async () => {
    const { begun, run, end } = openWork();
    const gone = new AbortController();
    void run(A, 'a0');
    const left = run(A, 'a1', gone.signal);
    void run(A, 'a2');
    const reason = new Error('the client has gone');
    gone.abort(reason);
    await expect(left).rejects.toBe(reason);
    end('a0');
    await expect.poll(() => begun).toEqual(['a0', 'a2']);
  });

  it('work is refused with 429 and Retry-After if the queue of its business is full', async () => {
    const { run, begun } = openWork({ maxWaitingPerBusiness: 1 });
    void run(A, 'a0');
    void run(A, 'a1');
    const refusal = { code: 'RATE_LIMITED', retryAfterSeconds: 10 };
    await expect(run(A, 'a2')).rejects.toMatchObject(refusal);
    void run(B, 'b0');
    await expect.poll(() => begun).toEqual(['a0', 'b0']);
  });

  it('work is refused with 429 and Retry-After if it has waited too long', async () => {
    const { run } = openWork({ maxWaitMs: 20 });
    void run(A, 'a0');
    const refusal = { code: 'RATE_LIMITED', retryAfterSeconds: 10 };
    await expect(run(A, 'a1')).rejects.toMatchObject(refusal);
  });

  it('a business gets at most half of the memory, and a larger request waits until it is alone', async () => {
    const { share } = openWork({ maxBytes: 100, maxBytesPerBusiness: 50 });
    const first = share.open(A, 'test');
    await first.reserve(1_000);
    let isSecondThere = false;
    const second = share.open(A, 'test');
    const reserved = second.reserve(10).then(() => {
      isSecondThere = true;
    });
    await share.open(B, 'test').reserve(50);
    expect(isSecondThere).toBe(false);
    first.release();
    await reserved;
  });

  it('the metrics show how many wait and for how long', async () => {
    const registry = new Registry();
    const share = openFairShare(registry, { slots: 2 });
    const held = share.open(A, 'PutConversation');
    await held.takeSlot();
    const waiting = share.open(A, 'PutConversation').takeSlot();
    const metrics = await registry.metrics();
    expect(metrics).toContain('colloquy_large_work_running 1');
    expect(metrics).toContain('colloquy_large_work_waiting{for="slot"} 1');
    held.release();
    await waiting;
    expect(await registry.metrics()).toContain(
      'colloquy_large_work_wait_seconds_count{op="PutConversation"} 2',
    );
  });
});

describe('large requests', () => {
  let server: TestServer;
  let writer: number;
  let reader: number;
  beforeAll(async () => {
    server = await startTestServer();
    [writer, reader] = [await server.newBusiness(), await server.newBusiness()];
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const START = '2026-01-15T14:30:00Z';
  const conversation = (
    mebibytes: number,
  ): Omit<InputOf<'PutConversation'>, 'businessId' | 'sessionId'> => ({
    QueueId: null,
    Status: 'Completed',
    StartTime: START,
    EndTime: START,
    EndType: 'Normal',
    Clients: [{ ClientId: 'caller', ClientType: 'Web', JoinedAt: START }],
    Agents: [],
    Messages: Array.from({ length: mebibytes }, () => ({
      SenderId: 'caller',
      Role: 'User' as const,
      Content: randomBytes(MIB / 2 - 1024).toString('hex'),
      Timestamp: START,
    })),
    Logs: [],
    InitiationType: 'Web',
    Metadata: {},
  });

  it('20 concurrent large writes succeed while another business is served', async () => {
    const body = conversation(4);
    const writes = Array.from({ length: 20 }, (_, index) =>
      server.admin.putConversation({ businessId: writer, sessionId: `large-${index}`, ...body }),
    );
    const results = Promise.allSettled(writes);
    const reads = await Promise.allSettled(
      Array.from({ length: 20 }, () => server.admin.getConversations({ businessId: reader })),
    );
    expect(reads.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect((await results).filter(({ status }) => status === 'rejected')).toEqual([]);
  }, 120_000);

  it('large conversations are returned unchanged to concurrent readers and in lists', async () => {
    const body = conversation(2);
    const sessionId = 'read-back';
    await server.admin.putConversation({ businessId: reader, sessionId, ...body });
    const ids = Array.from({ length: 12 }, () => ({ businessId: reader, sessionId }));
    const read = await Promise.all(ids.map((id) => server.admin.getConversation(id)));
    const contents = body.Messages?.map(({ Content }) => Content);
    for (const { Messages } of read) {
      expect(Messages?.map(({ Content }) => Content)).toEqual(contents);
    }
    const page = await server.admin.getConversations({
      businessId: reader,
      Include: ['Messages', 'Logs'],
    });
    const [item] = page.Items;
    expect(item?.Messages?.map(({ Content }) => Content)).toEqual(contents);
  }, 60_000);

  it('a large body without Content-Length is accepted', async () => {
    const body = JSON.stringify(conversation(1));
    const url = `${server.url}/api/v1/business/${writer}/conversations/chunked`;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        Authorization: `Token ${ADMIN_KEY}`,
        'Content-Type': 'application/json',
      };
      const sent = httpRequest(url, { method: 'PUT', headers }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode));
      });
      sent.once('error', reject);
      sent.write(body.slice(0, MIB / 2));
      sent.end(body.slice(MIB / 2));
    });
    expect(status).toBe(201);
  });
});
