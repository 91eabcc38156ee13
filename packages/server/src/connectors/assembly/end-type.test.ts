import { describe, expect, it } from 'vitest';
import { endTypeOf } from './end-type.ts';

const REASONS = [
  ['user', 'UserEndedCall'],
  ['dial*', 'InitializeError'],
  ['*silence*', 'UserSilenceTimeoutReached'],
] as const;

describe('patterns of end reasons', () => {
  it.each([
    ['USER', 'UserEndedCall'],
    ['user_gone', null],
    ['dial_failed', 'InitializeError'],
    ['redial', null],
    ['Ended after 30 s of Silence.', 'UserSilenceTimeoutReached'],
    ['silence', 'UserSilenceTimeoutReached'],
  ])('%s means %s', (word, type) => {
    expect(endTypeOf(REASONS, word)).toBe(type);
  });
});
