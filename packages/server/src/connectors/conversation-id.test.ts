import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conversationIdOf } from './conversation-id.ts';

describe('the id of a conversation', () => {
  it.each([
    ['c-1', 'vapi_c-1'],
    ['a:b/c é', 'vapi_a:3Ab:2Fc:20:C3:A9'],
    ['..', 'vapi_..'],
  ])('of the call %s is %s', (callId, id) => {
    expect(conversationIdOf('vapi', callId)).toBe(id);
  });

  it('is valid and different for different calls', () => {
    const unit = fc.constantFrom('grapheme', 'binary') as fc.Arbitrary<'grapheme' | 'binary'>;
    const callId = unit.chain((one) => fc.string({ unit: one, minLength: 1, maxLength: 300 }));
    fc.assert(
      fc.property(callId, callId, (one, other) => {
        const id = conversationIdOf('vapi', one);
        expect(id).toMatch(/^[A-Za-z0-9_.:-]{1,128}$/);
        if (one !== other) expect(conversationIdOf('vapi', other)).not.toBe(id);
      }),
    );
  });

  it('keeps the beginning of a long one', () => {
    const id = conversationIdOf('vapi', 'x'.repeat(500));
    expect(id).toMatch(/^vapi_x{75}_[0-9a-f]{40}$/);
  });
});
