import { describe, expect, it } from 'vitest';
import { endTypeOf } from '../../assembly/end-type.ts';
import { OPENAI_END_REASONS } from './end-reasons.ts';

describe('end reasons of logs of OpenAI Realtime', () => {
  it.each([
    ['user_hangup', 'UserEndedCall'],
    ['hangup', 'AgentEndedCall'],
    ['refer', 'Transferred'],
    ['reject', 'Canceled'],
    ['session_expired', 'MaxConversationDurationReached'],
    ['idle_timeout', 'UserSilenceTimeoutReached'],
    ['moon-in-the-way', null],
  ])('%s means %s', (word, type) => {
    expect(endTypeOf(OPENAI_END_REASONS, word)).toBe(type);
  });
});
