import { getPriority } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import {
  openThreads,
  type ThreadsOptions,
  threadTask,
} from '../../packages/server/src/kernel/threads/threads.ts';

const ECHO = threadTask<typeof import('./echo.thread.ts').default>(
  new URL('./echo.thread.ts', import.meta.url),
);

function openTestThreads(options: ThreadsOptions = {}) {
  const threads = openThreads({ maxThreads: 2, ...options });
  onTestFinished(() => threads.close());
  return threads;
}

it('moves bytes to a thread and back instead of copying them', async () => {
  const bytes = new TextEncoder().encode('hello');
  const output = await openTestThreads().run(ECHO, { bytes }, { transfer: [bytes.buffer] });
  expect(output.length).toBe(5);
  expect(new TextDecoder().decode(output.bytes)).toBe('hello');
  expect(bytes.byteLength).toBe(0);
});

it('rejects with the error that the work threw', async () => {
  const bytes = new TextEncoder().encode('fail');
  await expect(openTestThreads().run(ECHO, { bytes })).rejects.toThrow('it was told to fail');
});

it('ends a work that exceeds its time and serves the next one', async () => {
  const threads = openTestThreads();
  const bytes = new TextEncoder().encode('hello');
  const endless = threads.run(ECHO, { bytes, forever: true }, { timeoutMs: 300 });
  await expect(endless).rejects.toMatchObject({ name: 'AbortError' });
  expect((await threads.run(ECHO, { bytes })).length).toBe(5);
});

it.skipIf(process.platform !== 'linux')('runs work at the nice value of its pool', async () => {
  const bytes = new TextEncoder().encode('hello');
  for (const nice of [0, 4]) {
    const { priority } = await openTestThreads({ nice }).run(ECHO, { bytes });
    expect(priority).toBe(getPriority() + nice);
  }
});
