import { describe, expect, it } from 'vitest';
import { endTypeOf } from '../../assembly/end-type.ts';
import { ELEVENLABS_END_REASONS } from './end-reasons.ts';

describe('end reasons of ElevenLabs', () => {
  it.each([
    ['user hung up', 'UserEndedCall'],
    ['Client disconnected: 1000', 'UserEndedCall'],
    ['Call ended by remote party', 'UserEndedCall'],
    ['end_call tool was called.', 'AgentEndedCall'],
    ['Agent ended the call', 'AgentEndedCall'],
    ['voicemail_detection tool was called.', 'VoicemailDetected'],
    ['transfer_to_number tool was called.', 'Transferred'],
    ['Ended after a long silence of the user', 'UserSilenceTimeoutReached'],
    ['Maximum conversation duration exceeded', 'MaxConversationDurationReached'],
    ['The call was cancelled', 'Canceled'],
    ['LLM error for user', 'MidSessionFailure'],
    ['failed', 'MidSessionFailure'],
    ['failed: Client disconnected: 1006', 'MidSessionFailure'],
    ['busy', 'UserDeclinedOrBusy'],
    ['no-answer', 'UserNoAnswer'],
    ['unknown', 'InitializeError'],
    ['unknown: declined', 'InitializeError'],
    ['The moon was in the way', 'Normal'],
  ])('%s means %s', (word, type) => {
    expect(endTypeOf(ELEVENLABS_END_REASONS, word)).toBe(type);
  });
});
