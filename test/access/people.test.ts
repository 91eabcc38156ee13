import { randomBytes } from 'node:crypto';
import {
  MEMBER_ROLES,
  type MemberRole,
  MODULES,
  type Op,
  ops,
  PERMISSION_TYPES,
} from '@colloquy/wire';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effectivePermissions } from '../../packages/server/src/access/authorization/roles.ts';
import {
  allows,
  holds,
  type Permissions,
} from '../../packages/server/src/access/authorization/scope.ts';
import { Browser, newEmail, openBrowser, reason, tokenOf } from '../servers/browser.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const newUser = (options: { IsAdmin?: boolean } = {}) =>
  server.admin.createUser({
    Email: `${randomBytes(6).toString('hex')}@Example.com`,
    Name: 'Somebody',
    ...options,
  });

async function newBusiness() {
  const owner = await newUser();
  const { BusinessId: businessId } = await server.admin.createBusiness({
    Name: 'Example',
    OwnerUserId: owner.UserId,
  });
  return { businessId, owner, client: await clientOf(owner.UserId) };
}

async function clientOf(UserId: string) {
  return server.client((await server.admin.createApiKey({ UserId, Name: 'test' })).Key);
}

/** A member with a role, and a client with an unlimited key. */
async function newMember(businessId: number, Role: MemberRole) {
  const user = await newUser();
  await server.admin.putMember({ businessId, UserId: user.UserId, Role });
  return { user, client: await clientOf(user.UserId) };
}

const ERASES: readonly string[] = ['CreateErasure', 'PreviewErasure', 'GetErasurePreview'];

describe('roles', () => {
  const role = fc.constantFrom(...MEMBER_ROLES);
  const types = fc.uniqueArray(fc.constantFrom(...PERMISSION_TYPES));
  const permissions: fc.Arbitrary<Permissions> = fc.option(
    fc.dictionary(fc.constantFrom(...MODULES), types) as fc.Arbitrary<Exclude<Permissions, null>>,
  );
  const permission = fc.tuple(
    fc.constantFrom(...MODULES),
    fc.constantFrom(...PERMISSION_TYPES.filter((type) => type !== 'Full')),
  );

  it('a role and a key together allow exactly what both allow', () => {
    fc.assert(
      fc.property(permissions, role, permission, (own, is, [module, type]) => {
        const both = effectivePermissions(own, is);
        const byRole = effectivePermissions(null, is);
        expect(holds(both, module, type)).toBe(
          holds(own, module, type) && holds(byRole, module, type),
        );
        // A permission by name allows no more than one by type.
        if (both?.[module]?.includes('Full')) expect(holds(byRole, module, type)).toBe(true);
        expect(effectivePermissions(both, is)).toEqual(both);
      }),
    );
  });

  it('a higher role has all permissions of a lower one', () => {
    fc.assert(
      fc.property(role, role, permission, (one, other, [module, type]) => {
        const [low, high] =
          MEMBER_ROLES.indexOf(one) < MEMBER_ROLES.indexOf(other) ? [one, other] : [other, one];
        if (!holds(effectivePermissions(null, low), module, type)) return;
        expect(holds(effectivePermissions(null, high), module, type)).toBe(true);
      }),
    );
  });

  const EXPECTED: Record<MemberRole, (op: Op) => boolean> = {
    Viewer: ({ permission }) =>
      typeof permission === 'string' ||
      (permission.module === 'Conversations.ConversationPermissions' &&
        permission.anyOf.includes('Retrieving')),
    Agent: ({ permission }) =>
      typeof permission === 'string' ||
      permission.module === 'MakeCall' ||
      (permission.module === 'Conversations.ConversationPermissions' &&
        permission.anyOf.some((type) => ['Retrieving', 'Adding', 'Editing'].includes(type))),
    Admin: ({ name, permission }) =>
      typeof permission === 'string' || (permission.module !== 'People' && !ERASES.includes(name)),
    Owner: () => true,
  };

  it.each(MEMBER_ROLES)(
    'a member with the role %s is allowed exactly the operations of that role',
    async (name) => {
      const { businessId } = await newBusiness();
      const { user } = await newMember(businessId, name);
      const { Key } = await server.admin.createApiKey({ UserId: user.UserId, Name: 'test' });
      const declared = Object.values<Op>(ops).filter(({ path }) => path.startsWith('/business/'));
      expect(declared.length).toBeGreaterThan(40);
      for (const op of declared) {
        const path = op.path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) =>
          parameter === 'businessId' ? String(businessId) : 'nothing_here',
        );
        const response = await fetch(`${server.url}/api/v1${path}`, {
          method: op.method,
          headers: {
            Authorization: `Token ${Key}`,
            ...(op.method !== 'GET' && { 'Content-Type': 'application/json' }),
          },
          // A body that is not JSON is refused after the permission check, before any change.
          ...(op.method !== 'GET' && { body: op.body === 'audio' ? 'RIFF' : '{' }),
        });
        // A stream that is allowed does not end by itself.
        const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
        const answer = isStream ? response.body?.cancel() : response.json();
        const { Code = '' } = ((await answer) ?? {}) as { Code?: string };
        const may = !Code.endsWith(':PERMISSION_DENIED');
        expect(`${op.name} ${may}`).toBe(`${op.name} ${EXPECTED[name](op)}`);
      }
    },
  );

  it('GetBusiness shows the role, and only the permissions that both role and key have', async () => {
    const { businessId, owner } = await newBusiness();
    const { user, client } = await newMember(businessId, 'Agent');
    expect(await client.getBusiness({ businessId })).toEqual({
      BusinessId: businessId,
      Name: 'Example',
      TimeZone: null,
      Role: 'Agent',
      Permissions: {
        'Conversations.ConversationPermissions': ['Retrieving', 'Adding', 'Editing'],
        MakeCall: ['Executing'],
      },
      IsMasked: false,
      IsEditingEnabled: true,
      CreatedAt: '2026-03-01T12:00:00Z',
      OwnerUserId: owner.UserId,
    });
    const { Key } = await server.admin.createApiKey({
      UserId: user.UserId,
      Name: 'limited',
      Permissions: { 'Conversations.ConversationPermissions': ['Full'], Settings: ['Full'] },
    });
    expect((await server.client(Key).getBusiness({ businessId })).Permissions).toEqual({
      'Conversations.ConversationPermissions': ['Retrieving', 'Adding', 'Editing'],
    });
    const full = Object.fromEntries(MODULES.map((module) => [module, ['Full']]));
    const asAdmin = await server.admin.getBusiness({ businessId });
    expect(asAdmin).toMatchObject({ Role: 'Owner', Permissions: full });
  });

  it('erasing a person needs the role Owner, even with a key that may edit settings', () => {
    const { permission } = ops.CreateErasure;
    const may = (is: MemberRole) =>
      allows({ role: is, permissions: { Settings: ['Editing'] } }, permission);
    expect(MEMBER_ROLES.filter(may)).toEqual(['Owner']);
  });
});

describe('members', () => {
  it('members are added, changed and removed with audit events', async () => {
    const { businessId, owner, client } = await newBusiness();
    const user = await newUser();
    const input = { businessId, UserId: user.UserId, Role: 'Viewer' as const };
    let status = 0;
    const onSuccess = (answer: { status: number }) => {
      status = answer.status;
    };
    const added = await server.admin.putMember(input, { onSuccess });
    expect(status).toBe(201);
    expect(added).toEqual({
      UserId: user.UserId,
      Email: user.Email,
      Name: 'Somebody',
      Role: 'Viewer',
      IsOwner: false,
      IsDisabled: false,
      AddedAt: '2026-03-01T12:00:00Z',
    });
    const byEmail = { businessId, Email: user.Email.toUpperCase(), Role: 'Admin' as const };
    await client.putMember(byEmail, { onSuccess });
    expect(status).toBe(200);
    await client.putMember({ businessId, UserId: user.UserId, Role: 'Admin' });
    const { Items } = await client.getMembers({ businessId });
    expect(Items.map(({ UserId, Role, IsOwner }) => [UserId, Role, IsOwner])).toEqual([
      [owner.UserId, 'Owner', true],
      [user.UserId, 'Admin', false],
    ]);
    const first = await client.getMembers({ businessId, Limit: 1 });
    expect(first.Items).toEqual([Items[0]]);
    const second = await client.getMembers({
      businessId,
      Limit: 1,
      NextCursor: first.NextCursor ?? '',
    });
    expect(second).toEqual({ Items: [Items[1]], NextCursor: null });

    const removed = await client.removeMember({ businessId, userId: user.UserId });
    expect(removed).toMatchObject({ UserId: user.UserId, Role: 'Admin' });
    expect(await reason(client.removeMember({ businessId, userId: user.UserId }))).toBe(
      'NOT_FOUND',
    );
    const log = await client.getAudit({ businessId, Filter: { SubjectId: user.UserId } });
    expect(log.Items.map(({ Action, Details }) => [Action, Details])).toEqual([
      ['MemberRemoved', null],
      ['MemberChanged', { Role: 'Admin' }],
      ['MemberAdded', { Role: 'Viewer' }],
    ]);
  });

  it('adding a member by address creates the same invitation for known and unknown users', async () => {
    const { businessId, client } = await newBusiness();
    const signedIn = await newUser();
    const known = await newUser();
    const admin = await newUser({ IsAdmin: true });
    await openBrowser(server, signedIn.UserId);
    const emails = [signedIn.Email, known.Email, admin.Email, newEmail()];
    const answers = [];
    for (const Email of emails) {
      const statuses: number[] = [];
      const onSuccess = ({ status }: { status: number }) => void statuses.push(status);
      const put = await client.putMember({ businessId, Email, Role: 'Viewer' }, { onSuccess });
      if (!('Url' in put)) throw new Error(`${Email} became a member without consent`);
      const invitation = await new Browser(server.url).client.getInvitation({
        Token: tokenOf(put.Url),
      });
      answers.push({
        status: statuses,
        put: { ...put, InvitationId: '', Email: put.Email === Email, Url: put.Url.length },
        invitation: { ...invitation, Email: invitation.Email === Email },
      });
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({
      status: [201],
      invitation: { HasPassword: null, Name: null },
    });
    expect((await client.getMembers({ businessId })).Items).toHaveLength(1);
    const { Items } = await client.getInvitations({ businessId });
    expect(Items.map(({ Email }) => Email)).toEqual(emails);
    const urls = await Promise.all(
      [signedIn.Email, known.Email].map((Email) =>
        client.createInvitation({ businessId, Email, Role: 'Viewer' }),
      ),
    );
    for (const { Url } of urls) {
      const accepting = new Browser(server.url).accept(Url, { Password: 'a wrong one of 12' });
      expect(await reason(accepting)).toBe('SIGN_IN_FAILED');
    }
  });

  it('an Owner cannot add a user by id without consent', async () => {
    const { businessId, client } = await newBusiness();
    const user = await newUser();
    for (const UserId of [user.UserId, 'user_unknown']) {
      await expect(client.putMember({ businessId, UserId, Role: 'Viewer' })).rejects.toMatchObject({
        reason: 'NOT_FOUND',
        message: `${UserId} is not a member of this business; give an Email to invite a person.`,
      });
    }
    for (const who of [{}, { UserId: 'x', Email: 'x@example.com' }]) {
      expect(await reason(client.putMember({ businessId, ...who, Role: 'Viewer' }))).toBe(
        'INVALID_REQUEST',
      );
    }
  });

  it('the last enabled Owner of a business cannot be demoted or removed', async () => {
    const { businessId, owner, client } = await newBusiness();
    const own = { businessId, UserId: owner.UserId };
    expect(await reason(client.putMember({ ...own, Role: 'Admin' }))).toBe('CONFLICT');
    expect(await reason(client.removeMember({ businessId, userId: owner.UserId }))).toBe(
      'CONFLICT',
    );

    // A business without an owner account, which only its members own.
    const { BusinessId } = await server.admin.createBusiness({ Name: 'Without members' });
    const one = await newMember(BusinessId, 'Owner');
    const other = await newMember(BusinessId, 'Owner');
    const lower = (client: typeof one.client, UserId: string) =>
      reason(client.putMember({ businessId: BusinessId, UserId, Role: 'Viewer' }));
    const both = await Promise.all([
      lower(one.client, one.user.UserId),
      lower(other.client, other.user.UserId),
    ]);
    expect(both.toSorted()).toEqual(['CONFLICT', 'passed']);
    const [last] = (await server.admin.getMembers({ businessId: BusinessId })).Items.filter(
      ({ Role }) => Role === 'Owner',
    );
    const userId = last?.UserId ?? '';
    expect(await reason(server.admin.removeMember({ businessId: BusinessId, userId }))).toBe(
      'CONFLICT',
    );
    const spare = await newMember(BusinessId, 'Owner');
    await server.admin.updateUser({ userId: spare.user.UserId, IsDisabled: true });
    expect(await reason(server.admin.removeMember({ businessId: BusinessId, userId }))).toBe(
      'CONFLICT',
    );
    await server.admin.updateUser({ userId: spare.user.UserId, IsDisabled: false });
    await server.admin.removeMember({ businessId: BusinessId, userId });
  });

  it('a demoted or removed member loses the permissions with the next request on every node', async () => {
    await using other = await startTestServer({ connection: server.connection });
    const { businessId } = await newBusiness();
    const { user } = await newMember(businessId, 'Agent');
    const { Key } = await server.admin.createApiKey({ UserId: user.UserId, Name: 'test' });
    const clients = [server.client(Key), other.client(Key)];
    const write = (client: (typeof clients)[number]) =>
      reason(
        client.putConversation({
          businessId,
          sessionId: 'a',
          Status: 'Active' as const,
          StartTime: '2026-03-01T12:00:00Z',
          InitiationType: 'Web' as const,
        }),
      );
    for (const client of clients) expect(await write(client)).toBe('passed');
    await server.admin.putMember({ businessId, UserId: user.UserId, Role: 'Viewer' });
    for (const client of clients) {
      expect(await write(client)).toBe('PERMISSION_DENIED');
      await client.getConversation({ businessId, sessionId: 'a' });
    }
    await server.admin.removeMember({ businessId, userId: user.UserId });
    for (const client of clients) expect(await write(client)).toBe('BUSINESS_ACCESS_DENIED');
  });
});

describe('businesses', () => {
  it('GetMyBusinesses lists the businesses that the caller may use', async () => {
    const mine = [await newBusiness(), await newBusiness()];
    const [first, second] = mine.map(({ businessId }) => businessId);
    const { user, client } = await newMember(first ?? 0, 'Viewer');
    await server.admin.putMember({ businessId: second ?? 0, UserId: user.UserId, Role: 'Owner' });
    await server.admin.updateBusiness({ businessId: second ?? 0, Name: 'Ünter 100%' });
    const all = await client.getMyBusinesses({});
    expect(all.Items.map(({ BusinessId, Role }) => [BusinessId, Role])).toEqual([
      [first, 'Viewer'],
      [second, 'Owner'],
    ]);
    const search = async (Search: string) =>
      (await client.getMyBusinesses({ Search })).Items.map(({ BusinessId }) => BusinessId);
    expect(await search('nTER 100%')).toEqual([second]);
    expect(await search('%')).toEqual([second]);
    expect(await search(String(first))).toEqual([first]);
    expect(await search('nothing')).toEqual([]);
    const page = await client.getMyBusinesses({ Limit: 1 });
    const NextCursor = page.NextCursor ?? '';
    expect((await client.getMyBusinesses({ NextCursor })).Items).toEqual(all.Items.slice(1));
    expect(await reason(client.getMyBusinesses({ NextCursor, Search: 'x' }))).toBe(
      'INVALID_CURSOR',
    );
    const { Key } = await server.admin.createApiKey({
      UserId: user.UserId,
      Name: 'limited',
      BusinessIds: [second ?? 0],
    });
    const limited = await server.client(Key).getMyBusinesses({});
    expect(limited.Items.map(({ BusinessId }) => BusinessId)).toEqual([second]);
    const asAdmin = await server.admin.getMyBusinesses({ Search: String(first) });
    expect(asAdmin.Items[0]).toMatchObject({ BusinessId: first, Role: 'Owner' });
  });

  it('a member who may change settings can change the business', async () => {
    const { businessId } = await newBusiness();
    const { client } = await newMember(businessId, 'Admin');
    const patched = await client.patchBusiness({ businessId, TimeZone: 'Europe/Berlin' });
    expect(patched).toMatchObject({ Name: 'Example', TimeZone: 'Europe/Berlin', Role: 'Admin' });
    expect(await client.getBusiness({ businessId })).toEqual(patched);
    expect(await reason(client.patchBusiness({ businessId, TimeZone: 'Nowhere' }))).toBe(
      'INVALID_REQUEST',
    );
    const log = await client.getAudit({ businessId, Filter: { Actions: ['BusinessChanged'] } });
    expect(log.Items.map(({ Details }) => Details)).toEqual([{ Changed: ['TimeZone'] }]);
  });
});

describe('API keys of a business', () => {
  it('keys of a business are created for a member, listed and revoked', async () => {
    const { businessId, owner, client } = await newBusiness();
    const { user } = await newMember(businessId, 'Agent');
    const made = await client.createBusinessApiKey({ businessId, Name: 'mine' });
    const { Key, ...own } = made;
    expect(own).toMatchObject({
      UserId: owner.UserId,
      UserName: 'Somebody',
      BusinessIds: [businessId],
    });
    expect((await server.client(Key).getBusiness({ businessId })).Role).toBe('Owner');
    const { Key: agentKey, ...other } = await client.createBusinessApiKey({
      businessId,
      Name: 'hers',
      UserId: user.UserId,
      Permissions: { Settings: ['Full'], MakeCall: ['Full'] },
      ExpiresAt: '2027-01-01T00:00:00Z',
    });
    expect((await server.client(agentKey).getBusiness({ businessId })).Permissions).toEqual({
      MakeCall: ['Executing'],
    });
    const { Items } = await client.getBusinessApiKeys({ businessId });
    expect(Items).toEqual([own, other]);
    const { ApiKeyId: apiKeyId } = other;
    const revoked = await client.revokeBusinessApiKey({ businessId, apiKeyId });
    expect(revoked.RevokedAt).toBe('2026-03-01T12:00:00Z');
    expect(await reason(server.client(agentKey).getBusiness({ businessId }))).toBe(
      'API_KEY_INVALID',
    );
    expect(await client.revokeBusinessApiKey({ businessId, apiKeyId })).toEqual(revoked);
    const log = await client.getAudit({ businessId, Filter: { SubjectId: apiKeyId } });
    expect(log.Items.map(({ Action }) => Action)).toEqual(['ApiKeyRevoked', 'ApiKeyCreated']);
  });

  it('keys of a business are for members only and have no more permissions than their creator', async () => {
    const { businessId, client } = await newBusiness();
    const stranger = await newUser();
    expect(
      await reason(client.createBusinessApiKey({ businessId, Name: 'x', UserId: stranger.UserId })),
    ).toBe('INVALID_REQUEST');
    const { Key } = await client.createBusinessApiKey({
      businessId,
      Name: 'x',
      Permissions: { People: ['Adding'], MakeCall: ['Executing'] },
    });
    const limited = server.client(Key);
    const make = (Permissions?: Parameters<typeof client.createBusinessApiKey>[0]['Permissions']) =>
      reason(
        limited.createBusinessApiKey({
          businessId,
          Name: 'y',
          ...(Permissions && { Permissions }),
        }),
      );
    expect(await make()).toBe('PERMISSION_DENIED');
    expect(await make({ MakeCall: ['Full'] })).toBe('PERMISSION_DENIED');
    expect(await make({ Settings: ['Editing'] })).toBe('PERMISSION_DENIED');
    expect(await make({ MakeCall: ['Executing'] })).toBe('passed');
    expect(await make({})).toBe('passed');
    const { user } = await newMember(businessId, 'Viewer');
    for (const Role of ['Viewer', 'Agent', 'Admin', 'Owner'] as const) {
      const Email = `${Role}@example.com`;
      const [invited, put] = [
        await reason(limited.createInvitation({ businessId, Email, Role })),
        await reason(limited.putMember({ businessId, UserId: user.UserId, Role })),
      ];
      expect([invited, put]).toEqual(['PERMISSION_DENIED', 'PERMISSION_DENIED']);
    }
    const { Key: readerKey } = await client.createBusinessApiKey({
      businessId,
      Name: 'reader',
      Permissions: {
        People: ['Adding'],
        'Conversations.ConversationPermissions': ['Retrieving'],
      },
    });
    const invite = (Role: 'Viewer' | 'Agent') =>
      server.client(readerKey).createInvitation({ businessId, Email: 'new@example.com', Role });
    expect(await reason(invite('Viewer'))).toBe('passed');
    expect(await reason(invite('Agent'))).toBe('PERMISSION_DENIED');
  });

  it('keys of other businesses cannot be revoked, and shared keys only by admins', async () => {
    const [here, there] = [await newBusiness(), await newBusiness()];
    const { businessId, client } = here;
    const foreign = await there.client.createBusinessApiKey({
      businessId: there.businessId,
      Name: 'x',
    });
    expect(
      await reason(client.revokeBusinessApiKey({ businessId, apiKeyId: foreign.ApiKeyId })),
    ).toBe('NOT_FOUND');
    await server.admin.putMember({
      businessId: there.businessId,
      UserId: here.owner.UserId,
      Role: 'Viewer',
    });
    const shared = await server.admin.createApiKey({
      UserId: here.owner.UserId,
      Name: 'x',
      BusinessIds: [businessId, there.businessId],
    });
    const { Items } = await client.getBusinessApiKeys({ businessId });
    expect(Items.map(({ ApiKeyId }) => ApiKeyId)).toEqual([shared.ApiKeyId]);
    const apiKeyId = shared.ApiKeyId;
    expect(await reason(client.revokeBusinessApiKey({ businessId, apiKeyId }))).toBe('CONFLICT');
    const { User: admin } = await server.admin.getSession({});
    const limited = await server.admin.createApiKey({
      UserId: admin.UserId,
      Name: 'limited',
      BusinessIds: [businessId],
    });
    const revoke = server.client(limited.Key).revokeBusinessApiKey({ businessId, apiKeyId });
    expect(await reason(revoke)).toBe('CONFLICT');
    const inTheirName = { businessId, Name: 'x', UserId: admin.UserId };
    expect(await reason(client.createBusinessApiKey(inTheirName))).toBe('INVALID_REQUEST');
    expect(await reason(server.admin.createBusinessApiKey(inTheirName))).toBe('passed');
    expect(await reason(server.admin.revokeBusinessApiKey({ businessId, apiKeyId }))).toBe(
      'passed',
    );
  });
});
