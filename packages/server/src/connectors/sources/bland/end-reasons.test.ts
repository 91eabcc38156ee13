import { describe, expect, it } from 'vitest';
import { endTypeOf } from '../../assembly/end-type.ts';
import { endReasonOf } from './call.ts';
import { BLAND_END_REASONS } from './end-reasons.ts';

const typeOf = (call: Record<string, unknown>) => {
  const reason = endReasonOf(call);
  return reason === null ? 'Normal' : endTypeOf(BLAND_END_REASONS, reason);
};

describe('end reasons of Bland', () => {
  it.each([
    [{ call_ended_by: 'USER', answered_by: 'human' }, 'UserEndedCall'],
    [{ call_ended_by: 'ASSISTANT', answered_by: null }, 'AgentEndedCall'],
    [{ answered_by: 'unknown' }, 'Normal'],
    [{ transferred_to: '+15550100055', call_ended_by: 'ASSISTANT' }, 'Transferred'],
    [{ answered_by: 'voicemail', call_ended_by: 'ASSISTANT' }, 'VoicemailDetected'],
    [{ answered_by: 'no-answer', queue_status: 'call_error' }, 'UserNoAnswer'],
    [{ status: 'no-answer' }, 'UserNoAnswer'],
    [{ status: 'busy' }, 'UserDeclinedOrBusy'],
    [{ status: 'canceled' }, 'Canceled'],
    [{ queue_status: 'pre_queue_error', error_message: 'x' }, 'InitializeError'],
    [{ queue_status: 'queue_error' }, 'InitializeError'],
    [{ queue_status: 'call_error', call_ended_by: 'USER' }, 'MidSessionFailure'],
    [{ queue_status: 'complete_error' }, 'MidSessionFailure'],
    [{ queue_status: 'complete', error_message: 'x', call_ended_by: 'USER' }, 'MidSessionFailure'],
    [{ call_ended_by: 'GHOST' }, null],
  ])('%j means %s', (call, type) => {
    expect(typeOf(call)).toBe(type);
  });
});
