import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const refused = (work: Promise<unknown>, reason: string, words = /./) =>
  expect(work).rejects.toMatchObject({ reason, message: expect.stringMatching(words) });
let emails = 0;
const newUser = (more: { IsAdmin?: boolean } = {}) => {
  emails += 1;
  return server.admin.createUser({ Email: `u${emails}@example.com`, Name: 'U', ...more });
};

describe('users', () => {
  it('a user is created once per address, can be changed, and is listed', async () => {
    const user = await server.admin.createUser({ Email: 'Ada@Example.com', Name: 'Ada' });
    expect(user).toEqual({
      UserId: expect.stringMatching(/^user_/),
      Email: 'Ada@Example.com',
      Name: 'Ada',
      IsAdmin: false,
      IsDisabled: false,
      CreatedAt: '2026-03-01T12:00:00Z',
    });
    await refused(server.admin.createUser({ Email: 'ada@example.COM', Name: 'x' }), 'CONFLICT');
    await refused(
      server.admin.createUser({ Email: 'nobody', Name: 'x' }),
      'INVALID_REQUEST',
      /^Email/,
    );
    const changed = await server.admin.updateUser({
      userId: user.UserId,
      Name: 'Ada L',
      IsDisabled: true,
    });
    expect(changed).toEqual({ ...user, Name: 'Ada L', IsDisabled: true });
    await refused(server.admin.updateUser({ userId: 'user_none', Name: 'x' }), 'NOT_FOUND');
    for (let more = 0; more < 4; more += 1) await newUser();
    const all = [];
    for await (const one of server.admin.items('listUsers', { Limit: 2 })) all.push(one.UserId);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(user.UserId);
    expect(
      (await server.admin.listUsers({ Limit: 100 })).Items.map(({ UserId }) => UserId),
    ).toEqual(all);
    await refused(server.admin.listUsers({ NextCursor: 'x' }), 'INVALID_CURSOR');
    await refused(
      server.admin.listUsers({ Limit: 101 }),
      'INVALID_REQUEST',
      /^Limit must be between 1 and 100/,
    );
  });

  it('the last enabled admin cannot be disabled or demoted', async () => {
    const users = (await server.admin.listUsers({ Limit: 100 })).Items;
    const [admin] = users.filter(({ IsAdmin, IsDisabled }) => IsAdmin && !IsDisabled);
    const userId = admin?.UserId ?? '';
    await refused(server.admin.updateUser({ userId, IsDisabled: true }), 'CONFLICT');
    await refused(server.admin.updateUser({ userId, IsAdmin: false }), 'CONFLICT');
  });
});

describe('businesses', () => {
  it('a business gets the given number, or a new one if none is given', async () => {
    const owner = await newUser();
    const business = await server.admin.createBusiness({
      BusinessId: 777,
      Name: 'Acme',
      OwnerUserId: owner.UserId,
    });
    expect(business).toEqual({
      BusinessId: 777,
      Name: 'Acme',
      OwnerUserId: owner.UserId,
      IsDisabled: false,
      IsEditingEnabled: true,
      Retention: { TranscriptDays: null, RecordingDays: null },
      TimeZone: null,
      Quotas: { ConversationsPerMonth: null, MinutesPerMonth: null, StoredBytes: null },
      CreatedAt: '2026-03-01T12:00:00Z',
    });
    await refused(server.admin.createBusiness({ BusinessId: 777, Name: 'x' }), 'CONFLICT');
    await refused(server.admin.createBusiness({ BusinessId: 0, Name: 'x' }), 'INVALID_REQUEST');
    await refused(
      server.admin.createBusiness({ Name: 'x', OwnerUserId: 'user_none' }),
      'INVALID_REQUEST',
    );
    const made = await server.admin.createBusiness({ Name: 'x' });
    expect(made.BusinessId).toBeGreaterThan(0);
    const changed = await server.admin.updateBusiness({
      businessId: 777,
      Name: 'Acme Ltd',
      Retention: { TranscriptDays: 30, RecordingDays: null },
    });
    expect(changed).toMatchObject({
      Name: 'Acme Ltd',
      Retention: { TranscriptDays: 30, RecordingDays: null },
    });
    await refused(server.admin.updateBusiness({ businessId: 778_778, Name: 'x' }), 'NOT_FOUND');
    const numbers = [];
    for await (const one of server.admin.items('listBusinesses', { Limit: 1 }))
      numbers.push(one.BusinessId);
    expect(numbers).toEqual(expect.arrayContaining([777, made.BusinessId]));
  });
});

describe('API keys', () => {
  it('an API key is shown only when it is created, and stored as a hash', async () => {
    const user = await newUser({ IsAdmin: true });
    const made = await server.admin.createApiKey({ UserId: user.UserId, Name: 'k' });
    expect(made.Key).toMatch(/^colloquy_[\w-]{43}$/);
    const listed = (await server.admin.listApiKeys({ Limit: 100 })).Items;
    const mine = listed.find(({ ApiKeyId }) => ApiKeyId === made.ApiKeyId);
    const { Key: _key, ...rest } = made;
    expect(mine).toEqual(rest);
    const { rows } = await server.sql.query('SELECT row_to_json(k)::text AS text FROM api_keys k');
    for (const { text } of rows) expect(text).not.toContain(made.Key);
    expect(await server.client(made.Key).listUsers({})).toHaveProperty('Items');
    const revoked = await server.admin.revokeApiKey({ apiKeyId: made.ApiKeyId });
    expect(revoked.RevokedAt).toBe('2026-03-01T12:00:00Z');
    await refused(server.client(made.Key).listUsers({}), 'API_KEY_INVALID');
    expect(await server.admin.revokeApiKey({ apiKeyId: made.ApiKeyId })).toEqual(revoked);
    await refused(server.admin.revokeApiKey({ apiKeyId: 'key_none' }), 'NOT_FOUND');
  });

  it('an API key is limited to the businesses of its user and expires on time', async () => {
    const owner = await newUser();
    const { BusinessId } = await server.admin.createBusiness({
      Name: 'x',
      OwnerUserId: owner.UserId,
    });
    const other = await server.newBusiness();
    const make = (more: object) =>
      server.admin.createApiKey({ UserId: owner.UserId, Name: 'k', ...more });
    await refused(
      make({ BusinessIds: [BusinessId, other] }),
      'INVALID_REQUEST',
      new RegExp(String(other)),
    );
    await refused(make({ BusinessIds: [999_999] }), 'INVALID_REQUEST', /999999/);
    await refused(make({ UserId: 'user_none' }), 'INVALID_REQUEST');
    await refused(make({ Permissions: { Surprise: ['Full'] } }), 'INVALID_REQUEST');
    await refused(make({ ExpiresAt: '2026-03-01T11:00:00Z' }), 'INVALID_REQUEST');
    const { Key } = await make({ ExpiresAt: '2026-03-01T13:00:00+00:00' });
    const client = server.client(Key);
    const list = () => client.getConversations({ businessId: BusinessId });
    expect((await list()).TotalCount).toBe(0);
    await refused(client.getConversations({ businessId: other }), 'BUSINESS_ACCESS_DENIED');
    server.clock.advance(3599);
    await list();
    server.clock.advance(1);
    await refused(list(), 'API_KEY_INVALID');
  });

  it('an API key without the conversations module cannot read conversations', async () => {
    const businessId = await server.newBusiness();
    const key = await server.newKey(businessId, { MakeCall: ['Full'] });
    await refused(server.client(key).getConversations({ businessId }), 'PERMISSION_DENIED');
  });
});

describe('two servers on one database', () => {
  it('a revoked key or disabled user is refused by the next request on both servers', async () => {
    await using other = await startTestServer({ connection: server.connection });
    const businessId = await server.newBusiness();
    for (let round = 0; round < 5; round += 1) {
      const user = await newUser({ IsAdmin: true });
      const { Key, ApiKeyId } = await server.admin.createApiKey({ UserId: user.UserId, Name: 'k' });
      const [here, there] = [server.client(Key), other.client(Key)];
      const use = (client: typeof here) => client.getConversations({ businessId });
      await Promise.all([use(here), use(there)]);
      // Neither cache may outlive the answer to the change.
      const revoking = round % 2 === 0 ? server.admin : other.admin;
      if (round < 3) {
        await revoking.revokeApiKey({ apiKeyId: ApiKeyId });
        await refused(use(there), 'API_KEY_INVALID');
        await refused(use(here), 'API_KEY_INVALID');
      } else {
        await revoking.updateUser({ userId: user.UserId, IsDisabled: true });
        await refused(use(there), 'USER_DISABLED');
        await refused(use(here), 'USER_DISABLED');
      }
    }
  });

  it('requests with a cached key cause no look-ups in the database', async () => {
    const businessId = await server.newBusiness();
    const client = server.client(ADMIN_KEY);
    await expect.poll(() => server.app.authorizer.isLeased).toBe(true);
    await client.getConversations({ businessId });
    // The lease may expire between two reads on a busy machine, so the reads are repeated.
    const lookups = async () => {
      const before = server.app.authorizer.lookups;
      for (let read = 0; read < 50; read += 1) await client.getConversations({ businessId });
      return server.app.authorizer.lookups - before;
    };
    await expect.poll(lookups).toBe(0);
  });
});
