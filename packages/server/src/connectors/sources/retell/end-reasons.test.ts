import { describe, expect, it } from 'vitest';
import { endTypeOf } from '../../assembly/end-type.ts';
import { RETELL_END_REASONS } from './end-reasons.ts';

/** All values of `disconnection_reason` in Retell's SDK 5.60. */
const REASONS = `user_hangup agent_hangup call_transfer voicemail_reached ivr_reached inactivity
  max_duration_reached concurrency_limit_reached no_concurrency_fallback no_valid_payment
  scam_detected dial_busy dial_failed dial_no_answer invalid_destination
  telephony_provider_permission_denied telephony_provider_unavailable sip_routing_error
  marked_as_spam user_declined error_llm_websocket_open error_llm_websocket_lost_connection
  error_llm_websocket_runtime error_llm_websocket_corrupt_payload error_no_audio_received error_asr
  error_retell error_unknown error_user_not_joined registered_call_timeout transfer_bridged
  transfer_cancelled manual_stopped call_take_over`.split(/\s+/);

describe('end reasons of Retell', () => {
  it.each(REASONS)('%s has a meaning', (word) => {
    expect(endTypeOf(RETELL_END_REASONS, word)).not.toBeNull();
  });

  it.each([
    ['error_user_not_joined', 'InitializeError'],
    ['error_asr', 'MidSessionFailure'],
    ['moon_in_the_way', null],
  ])('%s means %s', (word, type) => {
    expect(endTypeOf(RETELL_END_REASONS, word)).toBe(type);
  });
});
