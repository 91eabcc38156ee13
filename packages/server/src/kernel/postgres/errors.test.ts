import pg from 'pg';
import { expect, test } from 'vitest';
import { Fault } from '../fault.ts';
import { brokenConstraint, hasTimedOut, isVictim, translateError } from './errors.ts';

function reported(code: string, message: string, constraint?: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError(message, message.length, 'error'), {
    code,
    ...(constraint && { constraint }),
  });
}

test.each([
  ['23505', 'duplicate key', 'holds_pkey'],
  ['23505', 'duplicate key', 'holds_pkey_102081'],
  ['XX000', 'duplicate key value violates unique constraint "holds_pkey_102081"', undefined],
])('the broken constraint of %s %s is named, also in a shard', (code, message, constraint) => {
  expect(brokenConstraint(reported(code, message, constraint))).toBe('holds_pkey');
});

test('errors of workers that a coordinator reports as internal are recognized', () => {
  const lost = 'failure on connection marked as essential: 10.0.0.2:5432';
  const fault = translateError(reported('XX000', lost));
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({ code: 'UNAVAILABLE' });
  expect(isVictim(reported('XX000', 'deadlock detected'))).toBe(true);
  expect(hasTimedOut(reported('XX000', 'canceling statement due to lock timeout'))).toBe(true);
});

test('other internal errors and broken constraints are returned as they are', () => {
  for (const error of [
    reported('XX000', 'invalid memory alloc request size'),
    reported('XX000', 'duplicate key value violates unique constraint "a"'),
    new Error('no'),
  ]) {
    expect(translateError(error)).toBe(error);
    expect(isVictim(error)).toBe(false);
  }
});
