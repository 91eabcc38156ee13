import { describe, expect, it } from 'vitest';
import { readEvent } from './event.ts';
import { identifyElevenLabs } from './translate.ts';

const AUDIO = 'SUQz'.repeat(1000);
const read = (text: string) => readEvent(Buffer.from(text));

describe('events of ElevenLabs', () => {
  it.each([
    ['compact', `{"data":{"full_audio":"${AUDIO}","conversation_id":"c"}}`],
    ['with spaces', `{"data": {"conversation_id": "c", "full_audio" :\n"${AUDIO}"}}`],
  ])('are read without their audio: %s', (_, text) => {
    expect(read(text)).toEqual({ data: { conversation_id: 'c', full_audio: '' } });
  });

  it.each([
    ['without audio', '{"data":{"full_audio":null}}', { data: { full_audio: null } }],
    ['with the name as a value', '{"data":"full_audio","b":"c"}', { data: 'full_audio', b: 'c' }],
    [
      'with the name in a text',
      '{"data":"a \\"full_audio\\":\\"b"}',
      { data: 'a "full_audio":"b' },
    ],
    ['with a quote in the value', '{"full_audio":"a\\"b"}', { full_audio: 'a"b' }],
    ['that are no object', '[1]', {}],
  ])('are read as a whole %s', (_, text, event) => {
    expect(read(text)).toEqual(event);
  });

  it.each(['', '{"data":{"full_audio":"SUQz', 'full_audio'])(
    'throw if they are cut off: %s',
    (text) => {
      expect(() => read(text)).toThrow(SyntaxError);
    },
  );

  it('have no call if they name none', () => {
    const body = Buffer.from('{"type":"voice_removal_notice","data":{"voice_id":"v"}}');
    expect(identifyElevenLabs({ headers: {}, body })).toEqual({
      callId: null,
      eventType: 'voice_removal_notice',
      eventId: null,
    });
  });
});
