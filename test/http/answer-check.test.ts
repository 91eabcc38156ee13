import { expect, test } from 'vitest';
import type { SentAnswer } from '../../packages/server/src/http/observe-answers.ts';
import { problemOf } from '../servers/answer-check.ts';
import { startTestServer } from '../servers/test-server.ts';

const answer = (body: unknown, more: Partial<SentAnswer> = {}): SentAnswer => ({
  op: 'CountHolds',
  method: 'GET',
  status: 200,
  contentType: 'application/json; charset=utf-8',
  body: Buffer.from(JSON.stringify(body)),
  ...more,
});
const failure = (Code: string, status: number) =>
  answer({ Success: false, Code, Message: 'No.' }, { op: 'GetHold', status });

test.each([
  ['an undeclared status', answer({}, { op: 'GetHold', status: 202 }), /not declared/],
  [
    'an envelope with another key',
    answer({ Success: true, Data: {}, More: 1 }, { op: 'GetHold' }),
    /envelope/,
  ],
  ['Data without its fields', answer({ Success: true, Data: {} }, { op: 'GetHold' }), /required/],
  ['a code of another operation', failure('GetHolds:NOT_FOUND', 404), /another operation/],
  ['a code with another status', failure('GetHold:NOT_FOUND', 410), /another status/],
  ['a code that is not declared', failure('GetHold:SESSION_SEALED', 409), /does not declare/],
])('an answer with %s breaks the contract', (_name, wrong, problem) => {
  expect(problemOf(wrong)).toMatch(problem);
});

test('a declared failure keeps the contract', () => {
  expect(problemOf(failure('GetHold:NOT_FOUND', 404))).toBeNull();
});

test('a server in a test answers 500 instead of an answer that breaks the contract', async () => {
  const seen: SentAnswer[] = [];
  const onAnswer = (sent: SentAnswer) => {
    seen.push(sent);
    if (sent.op === 'GetSignInOptions') throw new Error('not as declared');
  };
  await using server = await startTestServer({ overrides: { onAnswer } });
  const response = await fetch(`${server.url}/api/v1/session/options`);
  expect([response.status, seen.length]).toEqual([500, 1]);
  // Streamed: the connection breaks before the last byte.
  const businessId = await server.newBusiness();
  const list = await server.admin.getConversations({ businessId });
  expect(list.Items).toEqual([]);
  expect(seen.map(({ op }) => op)).toContain('GetConversations');
});
