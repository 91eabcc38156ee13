import { constants, getPriority } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { openThreads, type ThreadsOptions, threadTask } from './threads.ts';

const ECHO = threadTask<typeof import('../../../../../test/fixtures/echo.thread.ts').default>(
  new URL('../../../../../test/fixtures/echo.thread.ts', import.meta.url),
);

function openTestThreads(options: ThreadsOptions = {}) {
  const threads = openThreads({ maxThreads: 2, ...options });
  onTestFinished(() => threads.close());
  return threads;
}

it('bytes are moved to a thread and back without a copy', async () => {
  const bytes = new TextEncoder().encode('hello');
  const output = await openTestThreads().run(ECHO, { bytes }, { transfer: [bytes.buffer] });
  expect(output.length).toBe(5);
  expect(new TextDecoder().decode(output.bytes)).toBe('hello');
  expect(bytes.byteLength).toBe(0);
});

it('run() rejects with the error that the thread threw', async () => {
  const bytes = new TextEncoder().encode('fail');
  await expect(openTestThreads().run(ECHO, { bytes })).rejects.toThrow(
    'the input asks for a failure',
  );
});

it('work that exceeds its time is ended, and the next work is served', async () => {
  const threads = openTestThreads();
  const bytes = new TextEncoder().encode('hello');
  const endless = threads.run(ECHO, { bytes, forever: true }, { timeoutMs: 300 });
  await expect(endless).rejects.toMatchObject({ name: 'AbortError' });
  expect((await threads.run(ECHO, { bytes })).length).toBe(5);
});

it.skipIf(process.platform !== 'linux')('threads run at the nice value of their pool', async () => {
  const bytes = new TextEncoder().encode('hello');
  for (const nice of [0, 4]) {
    const { priority } = await openTestThreads({ nice }).run(ECHO, { bytes });
    expect(priority).toBe(Math.min(getPriority() + nice, constants.priority.PRIORITY_LOW));
  }
});
