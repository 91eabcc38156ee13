import { expect, test } from 'vitest';
import type { Settled } from '../delivery-store.ts';
import { AttemptRecorder } from './attempt-recorder.ts';

const attempt = (deliveryId: string) => ({ deliveryId }) as Settled;

test('attempts of one turn are stored together, and later ones in the next statement', async () => {
  const stored: string[][] = [];
  const recorder = new AttemptRecorder(async (settled) => {
    stored.push(settled.map(({ deliveryId }) => deliveryId));
  });
  await Promise.all([recorder.record(attempt('a')), recorder.record(attempt('b'))]);
  await recorder.record(attempt('c'));
  expect(stored).toEqual([['a', 'b'], ['c']]);
});

test('an attempt that ends at once after another was stored is stored too', async () => {
  const stored: string[] = [];
  const recorder = new AttemptRecorder(async (settled) => {
    stored.push(...settled.map(({ deliveryId }) => deliveryId));
  });
  await recorder.record(attempt('a')).then(() => recorder.record(attempt('b')));
  expect(stored).toEqual(['a', 'b']);
  await recorder.close();
});

test('a failed statement fails its attempts, and the next attempt is stored', async () => {
  let failures = 1;
  const recorder = new AttemptRecorder(async () => {
    failures -= 1;
    if (failures === 0) throw new Error('no database');
  });
  await expect(recorder.record(attempt('a'))).rejects.toThrow('no database');
  await recorder.record(attempt('b'));
});
