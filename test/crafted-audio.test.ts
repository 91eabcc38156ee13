import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ABSURD_LENGTHS } from './crafted-audio.ts';
import { type House, openHouse } from './house.ts';
import { callDesk } from './kept-calls.ts';

let house: House;
let businessId: number;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await house.newBusiness();
});
const { finished, read } = callDesk(() => ({ house, businessId }));
const put = (sessionId: string, audio: Uint8Array, contentType: string) =>
  house.admin.putRecording({
    businessId,
    sessionId,
    participantId: 'client',
    audio: new Uint8Array(audio),
    contentType,
  });

describe('a recording of an absurd length', () => {
  test.each(ABSURD_LENGTHS)('is stored without a duration: $name', async (file) => {
    const id = await finished(1);
    const { DurationSeconds } = await put(id, file.bytes, file.contentType);
    if (!file.isShort) expect(DurationSeconds).toBeNull();
    const [recording] = (await read(id)).Recordings ?? [];
    expect(recording?.DurationSeconds).toBe(DurationSeconds);
  });
});
