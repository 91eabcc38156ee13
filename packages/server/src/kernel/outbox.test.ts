import { expect, test } from 'vitest';
import { openOutbox } from './outbox.ts';

/** An outbox whose drains end when the test says so. */
function openHeldOutbox() {
  const drains: PromiseWithResolvers<void>[] = [];
  const errors: unknown[] = [];
  const outbox = openOutbox({
    work: () => {
      const drain = Promise.withResolvers<void>();
      drains.push(drain);
      return drain.promise;
    },
    everyMs: null,
    onError: (error) => errors.push(error),
  });
  return { outbox, drains, errors };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('callers during a drain share the next one and wait for its end', async () => {
  const { outbox, drains } = openHeldOutbox();
  const first = outbox.drain();
  await settle();
  let isDone = false;
  const later = [outbox.drain(), outbox.drain()];
  const done = Promise.all(later).then(() => {
    isDone = true;
  });
  drains[0]?.resolve();
  await first;
  await settle();
  expect([drains.length, isDone]).toEqual([2, false]);
  drains[1]?.resolve();
  await done;
  expect(drains.length).toBe(2);
});

test('a failed drain rejects its callers, and the next drain runs', async () => {
  const { outbox, drains } = openHeldOutbox();
  const failing = outbox.drain();
  await settle();
  const next = outbox.drain();
  drains[0]?.reject(new Error('no disk'));
  await expect(failing).rejects.toThrow('no disk');
  await settle();
  drains[1]?.resolve();
  await expect(next).resolves.toBeUndefined();
});

test('touches before a drain start one drain, whose error is reported', async () => {
  const { outbox, drains, errors } = openHeldOutbox();
  outbox.touch();
  outbox.touch();
  await expect.poll(() => drains.length).toBe(1);
  const failure = new Error('no disk');
  drains[0]?.reject(failure);
  await expect.poll(() => errors).toEqual([failure]);
  expect(drains.length).toBe(1);
});

test('a close waits for the running drain and starts no other', async () => {
  const { outbox, drains } = openHeldOutbox();
  void outbox.drain();
  await settle();
  outbox.touch();
  let isClosed = false;
  const closing = outbox.close().then(() => {
    isClosed = true;
  });
  await settle();
  expect(isClosed).toBe(false);
  drains[0]?.resolve();
  await closing;
  await settle();
  expect(drains.length).toBe(1);
});
