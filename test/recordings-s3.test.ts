import { describe, expect, it } from 'vitest';
import {
  describeRecordings,
  openHouseWithBucket,
  putConversation,
  readWav,
} from './recordings-suite.ts';
import { hasSwift } from './swift.ts';

describe.runIf(hasSwift())('with an S3 store', () => {
  describeRecordings(openHouseWithBucket);

  it('URLs are the store’s own, and refused when they ran out or were altered', async () => {
    await using opened = await openHouseWithBucket();
    const { house } = opened;
    const businessId = await house.newBusiness();
    const sessionId = await putConversation(house, businessId, 's');
    const wav = await readWav();
    const audio = new Uint8Array(wav);
    const recording = { participantId: 'c', audio, contentType: 'audio/x-wav' };
    await house.admin.putRecording({ businessId, sessionId, ...recording });
    const read = () => house.admin.getConversation({ businessId, sessionId });
    const url = (await read()).Clients[0]?.AudioUrl ?? '';
    expect(new URL(url).origin).not.toBe(house.url);

    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toBe('audio/wav');
    expect(answer.headers.get('content-disposition')).toBe('inline');
    expect(Buffer.from(await answer.arrayBuffer()).equals(wav)).toBe(true);
    const altered = [
      url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=86400'),
      url.replace('audio%2Fwav', 'text%2Fhtml'),
      url.replace(/X-Amz-Signature=./, (text) =>
        text.replace(/.$/, text.endsWith('0') ? '1' : '0'),
      ),
      url.replace(`/${businessId}/`, `/${businessId + 1}/`),
    ];
    const statuses = altered.map(async (address) => (await fetch(address)).status);
    expect(await Promise.all(statuses)).toEqual(altered.map(() => 403));
    expect(altered).not.toContain(url);
    expect((await fetch(url.replace(/\?.*/, ''))).ok).toBe(false);

    house.clock.advance(-1790);
    expect((await fetch((await read()).Clients[0]?.AudioUrl ?? '')).status).toBe(200);
    house.clock.advance(-20);
    expect((await fetch((await read()).Clients[0]?.AudioUrl ?? '')).status).toBe(403);
  });
});
