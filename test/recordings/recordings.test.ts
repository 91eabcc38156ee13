import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  describeRecordings,
  putConversation,
  readWav,
  startTestServerOnDisk,
} from '../fixtures/recordings-suite.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

describeRecordings(startTestServerOnDisk);

describe('the URL of a recording on the local disk', () => {
  let server: TestServer;
  let url: string;
  let wav: Buffer;
  beforeAll(async () => {
    server = await startTestServer();
    const businessId = await server.newBusiness();
    const sessionId = await putConversation(server, businessId, 's');
    wav = await readWav();
    await server.admin.putRecording({
      businessId,
      sessionId,
      participantId: 'c',
      audio: new Uint8Array(wav),
      contentType: 'audio/wav',
    });
    const conversation = await server.admin.getConversation({ businessId, sessionId });
    url = conversation.Clients[0]?.AudioUrl ?? '';
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('the URL of a recording answers HEAD, and states the size if a range is beyond it', async () => {
    const head = await fetch(url, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(String(wav.length));
    expect(head.headers.get('accept-ranges')).toBe('bytes');
    const beyond = await fetch(url, { headers: { Range: `bytes=${wav.length}-` } });
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get('content-range')).toBe(`bytes */${wav.length}`);
  });

  it('the URL of a recording is refused after it expires or is altered', async () => {
    const failure = async (address: string) => {
      const response = await fetch(address);
      return { status: response.status, ...((await response.json()) as object) };
    };
    const altered = [
      `${url}&x=1`,
      `${url}0`,
      url.replace('/media/', '/media/1'),
      url.replace(/\?.*/, ''),
    ];
    for (const address of altered) {
      expect(await failure(address)).toMatchObject({
        status: 403,
        Success: false,
        Code: 'GetRecording:URL_INVALID',
      });
    }
    server.clock.advance(1799);
    expect((await fetch(url)).status).toBe(200);
    server.clock.advance(1);
    expect(await failure(url)).toMatchObject({ status: 403, Code: 'GetRecording:URL_EXPIRED' });
  });
});
