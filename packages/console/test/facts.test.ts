import { END_TYPE, INITIATION_TYPE, STATUS } from '@colloquy/wire';
import { expect, test } from 'vitest';
import {
  clientText,
  nameOf,
  outcomeText,
  statusText,
  typeText,
} from '../src/conversations/facts.ts';

test('no two statuses, outcomes or types are called the same', () => {
  const labels = [
    STATUS.names.map(statusText),
    END_TYPE.names.map(outcomeText),
    INITIATION_TYPE.names.map(typeText),
  ];
  for (const some of labels) expect(new Set(some).size).toBe(some.length);
  expect(statusText('WaitingForPrimaryClient')).toBe('Waiting for client');
  expect(outcomeText('UserNoAnswer')).toBe('No answer');
  // One that a later server may know.
  expect(outcomeText('ToldOff')).toBe('Told off');
});

test('somebody without a name to see is called by the number, else the id', () => {
  expect(nameOf({ Name: ' Noor ', PhoneNumber: '+15550100' }, 'c')).toBe('Noor');
  expect(nameOf({ Name: '   ', PhoneNumber: '+15550100' }, 'c')).toBe('+15550100');
  expect(nameOf({ Name: '\u200f\u200b', PhoneNumber: ' ' }, 'c')).toBe('c');
  expect(nameOf({}, 'c')).toBe('c');
  expect(clientText({ Clients: [] })).toBe('');
});
