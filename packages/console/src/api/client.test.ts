import { afterEach, expect, test, vi } from 'vitest';

vi.stubGlobal('document', { baseURI: 'http://console.test/' });
const { client, setSession } = await import('./client.ts');

type Session = Parameters<typeof setSession>[0];
const sessionOf = (token: string) =>
  ({ User: { UserId: 'user_1' }, CsrfToken: token }) as unknown as Session;
const respond = (status: number, body: object) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json' },
  });
const EXPIRED = { Success: false, Code: 'GetHolds:SESSION_EXPIRED', Message: 'Sign in again.' };

afterEach(() => {
  setSession(null);
  vi.unstubAllGlobals();
});

test('a request that an earlier session sent is repeated with the current one', async () => {
  const held = Promise.withResolvers<Response>();
  const tokens: (string | null)[] = [];
  const answers = [
    held.promise,
    respond(200, { Success: true, Data: sessionOf('later') }),
    respond(200, { Success: true, Data: { Items: [], NextCursor: null } }),
  ];
  vi.stubGlobal('fetch', (_url: string, init?: RequestInit) => {
    tokens.push(new Headers(init?.headers).get('X-CSRF-Token'));
    return answers.shift();
  });
  setSession(sessionOf('earlier'));
  const holds = client.getHolds({ businessId: 7 });
  setSession(sessionOf('later'));
  held.resolve(respond(401, EXPIRED));
  expect(await holds).toMatchObject({ Items: [] });
  expect(tokens).toEqual(['earlier', 'later', 'later']);
});

test('a request of the current session fails if that session has ended', async () => {
  vi.stubGlobal('fetch', async () => respond(401, EXPIRED));
  setSession(sessionOf('only'));
  await expect(client.getHolds({ businessId: 7 })).rejects.toThrow('Sign in again.');
});
