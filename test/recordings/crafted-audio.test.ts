import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import { BlobWindow } from '../../packages/server/src/recordings/audio/blob-window.ts';
import { measureAudio } from '../../packages/server/src/recordings/audio/measure.ts';
import { receiveRecording } from '../../packages/server/src/recordings/storage/receive.ts';
import { ABSURD_LENGTHS, TINY_ELEMENTS } from '../fixtures/crafted-audio.ts';
import { callActions } from '../fixtures/kept-calls.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
});
const { finished, read } = callActions(() => ({ server, businessId }));
const put = (sessionId: string, audio: Uint8Array, contentType: string) =>
  server.admin.putRecording({
    businessId,
    sessionId,
    participantId: 'client',
    audio: new Uint8Array(audio),
    contentType,
  });

describe('recordings of absurd lengths', () => {
  test.each(ABSURD_LENGTHS)(
    'a recording that claims an absurd length is stored without a duration: $name',
    async (file) => {
      const id = await finished(1);
      const { DurationSeconds } = await put(id, file.bytes, file.contentType);
      if (!file.isShort) expect(DurationSeconds).toBeNull();
      const [recording] = (await read(id)).Recordings ?? [];
      expect(recording?.DurationSeconds).toBe(DurationSeconds);
    },
  );
});

describe('recordings of tiny elements', () => {
  test.each(TINY_ELEMENTS)(
    'a recording of tiny elements is stored: $name',
    async ({ make, contentType }) => {
      const id = await finished(1);
      const bytes = make(300_000);
      expect((await put(id, bytes, contentType)).Bytes).toBe(bytes.length);
    },
  );

  test.each(TINY_ELEMENTS)(
    'a recording of tiny elements has no duration if measuring exceeds the budget: $name',
    ({ make, contentType }) => {
      const file = make(300_000);
      let loads = 0;
      const load = (start: number, length: number) => {
        loads += 1;
        return file.subarray(start, start + length);
      };
      const blob = new BlobWindow(file.length, load, { reads: 2, cpuMs: 1_000 });
      expect(measureAudio(blob, contentType).durationSeconds).toBeNull();
      expect(loads).toBeLessThan(4);
    },
  );

  test('a recording is stored without a duration if measuring takes too long', async () => {
    const { ctx } = server.app;
    const hurried: typeof ctx.audioThreads = {
      ...ctx.audioThreads,
      run: (task, input, options) =>
        ctx.audioThreads.run(task, input, { ...options, timeoutMs: 1 }),
    };
    const bytes = (async function* () {
      yield TINY_ELEMENTS[0]?.make(3_000_000) ?? new Uint8Array();
    })();
    const received = await receiveRecording(
      { ...ctx, audioThreads: hurried },
      systemScope(businessId),
      { contentType: 'audio/ogg', bytes },
      10_000_000,
    );
    expect(received.durationSeconds).toBeNull();
  });
});
