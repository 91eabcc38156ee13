import { END_TYPE, INITIATION_TYPE, STATUS } from '@colloquy/wire';
import { expect, test } from 'vitest';
import { describeClients, nameOf, outcomeText, statusText, typeText } from './facts.ts';

test('labels of statuses, outcomes and types are unique', () => {
  const labels = [
    STATUS.names.map(statusText),
    END_TYPE.names.map(outcomeText),
    INITIATION_TYPE.names.map(typeText),
  ];
  for (const some of labels) expect(new Set(some).size).toBe(some.length);
  expect(statusText('WaitingForPrimaryClient')).toBe('Waiting for client');
  expect(outcomeText('UserNoAnswer')).toBe('No answer');
  // A name that a later server may use.
  expect(outcomeText('ToldOff')).toBe('Told off');
});

test('a participant without a visible name is shown by number, or else by id', () => {
  expect(nameOf({ Name: ' Noor ', PhoneNumber: '+15550100' }, 'c')).toBe('Noor');
  expect(nameOf({ Name: '   ', PhoneNumber: '+15550100' }, 'c')).toBe('+15550100');
  expect(nameOf({ Name: '\u200f\u200b', PhoneNumber: ' ' }, 'c')).toBe('c');
  expect(nameOf({}, 'c')).toBe('c');
  expect(describeClients({ Clients: [] })).toBe('');
});
