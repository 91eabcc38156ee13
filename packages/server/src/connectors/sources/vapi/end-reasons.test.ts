import { describe, expect, it } from 'vitest';
import { endTypeOf } from '../../assembly/end-type.ts';
import { VAPI_END_REASONS } from './end-reasons.ts';

describe('end reasons of Vapi', () => {
  it.each([
    ['customer-ended-call', 'UserEndedCall'],
    ['customer-ended-call-during-transfer', 'UserEndedCall'],
    ['assistant-said-end-call-phrase', 'AgentEndedCall'],
    ['assistant-forwarded-call', 'Transferred'],
    ['voicemail', 'VoicemailDetected'],
    ['customer-busy', 'UserDeclinedOrBusy'],
    ['customer-did-not-answer', 'UserNoAnswer'],
    ['silence-timed-out', 'UserSilenceTimeoutReached'],
    ['exceeded-max-duration', 'MaxConversationDurationReached'],
    ['manually-canceled', 'Canceled'],
    ['call.start.error-subscription-frozen', 'InitializeError'],
    ['call.in-progress.error-vapifault-openai-llm-failed', 'MidSessionFailure'],
    ['call.in-progress.error-sip-outbound-call-failed-to-connect', 'InitializeError'],
    ['pipeline-error-openai-400-bad-request-validation-failed', 'MidSessionFailure'],
    ['moon-in-the-way', null],
  ])('%s means %s', (word, type) => {
    expect(endTypeOf(VAPI_END_REASONS, word)).toBe(type);
  });
});
