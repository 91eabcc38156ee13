import type { MemberRole } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, newEmail, openBrowser, PASSWORD, reason, tokenOf } from '../servers/browser.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const Password = PASSWORD;
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const browser = () => new Browser(server.url);
async function newBusiness() {
  const owner = await server.admin.createUser({ Email: newEmail(), Name: 'Owner' });
  const { BusinessId: businessId } = await server.admin.createBusiness({
    Name: 'Example',
    OwnerUserId: owner.UserId,
  });
  const { client } = await openBrowser(server, owner.UserId);
  const invite = (Email: string, Role: MemberRole = 'Agent') =>
    client.createInvitation({ businessId, Email, Role });
  return { businessId, owner, client, invite };
}

describe('invitations', () => {
  it('an invitation adds a new user in the invited role and writes audit events', async () => {
    const { businessId, owner, client, invite } = await newBusiness();
    const Email = newEmail();
    const { Url, ...invitation } = await invite(Email);
    expect(invitation).toEqual({
      InvitationId: expect.stringMatching(/^invitation_/),
      Email,
      Role: 'Agent',
      InvitedBy: owner.UserId,
      CreatedAt: '2026-03-01T12:00:00Z',
      ExpiresAt: '2026-03-08T12:00:00Z',
    });
    expect(Url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/join#[\w-]{43}$/);
    expect((await client.getInvitations({ businessId })).Items).toEqual([invitation]);
    const mine = browser();
    expect(await mine.client.getInvitation({ Token: tokenOf(Url) })).toEqual({
      Kind: 'Invitation',
      Email,
      Name: null,
      BusinessName: 'Example',
      Role: 'Agent',
      HasPassword: null,
      ExpiresAt: '2026-03-08T12:00:00Z',
    });
    const { User } = await mine.accept(Url, { Password, Name: 'Ada' });
    expect(User).toMatchObject({ Email, Name: 'Ada', IsAdmin: false, HasPassword: true });
    expect(await mine.client.getMyBusinesses({})).toMatchObject({
      Items: [{ BusinessId: businessId, Role: 'Agent' }],
    });
    expect((await client.getInvitations({ businessId })).Items).toEqual([]);
    const log = await client.getAudit({ businessId });
    expect(log.Items.map(({ Action, UserId, Details }) => [Action, UserId, Details])).toEqual([
      ['MemberAdded', User.UserId, { Role: 'Agent' }],
      ['InvitationAccepted', User.UserId, null],
      ['InvitationCreated', owner.UserId, { Role: 'Agent' }],
      ['BusinessCreated', expect.anything(), null],
    ]);
    expect(JSON.stringify(log)).not.toContain('Example.com');
    await browser().signIn(Email, Password);
  });

  it('an invitation accepted by four concurrent requests on two servers is used once', async () => {
    await using other = await startTestServer({ connection: server.connection });
    const { businessId, client, invite } = await newBusiness();
    const Email = newEmail();
    const { Url } = await invite(Email);
    const Token = tokenOf(Url);
    const accepts = [server, other, server, other].map(({ url }, index) =>
      reason(
        new Browser(url).client.acceptInvitation({
          Token,
          Password: `${Password} ${index}`,
          Name: `Number ${index}`,
        }),
      ),
    );
    const answers = await Promise.all(accepts);
    expect(answers.filter((answer) => answer === 'passed')).toHaveLength(1);
    for (const answer of answers) expect(['passed', 'GONE', 'SIGN_IN_FAILED']).toContain(answer);
    expect((await client.getMembers({ businessId })).Items).toHaveLength(2);
    expect(await reason(browser().client.getInvitation({ Token }))).toBe('GONE');
    const winner = answers.indexOf('passed');
    await browser().signIn(Email, `${Password} ${winner}`);
  });

  it('an acceptance that fails in its last step changes nothing', async () => {
    const { businessId, client, invite } = await newBusiness();
    const Email = newEmail();
    const { Url } = await invite(Email);
    await server.sql.query(`ALTER TABLE business_members ADD CONSTRAINT broken
      CHECK (business_id <> ${businessId}) NOT VALID`);
    expect(await reason(browser().accept(Url, { Password }))).toBe('INTERNAL_ERROR');
    await server.sql.query('ALTER TABLE business_members DROP CONSTRAINT broken');
    expect(await reason(browser().signIn(Email, Password))).toBe('SIGN_IN_FAILED');
    expect((await client.getInvitations({ businessId })).Items).toHaveLength(1);
    await browser().accept(Url, { Password });
    expect((await client.getMembers({ businessId })).Items).toHaveLength(2);
  });

  it('an invitation of an existing user is accepted only with the password of that user', async () => {
    const first = await newBusiness();
    const second = await newBusiness();
    const Email = newEmail();
    await browser().accept((await first.invite(Email)).Url, { Password });
    const { Url } = await second.invite(Email.toLowerCase(), 'Viewer');
    const Token = tokenOf(Url);
    expect(await browser().client.getInvitation({ Token })).toMatchObject({ HasPassword: null });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await reason(browser().accept(Url, { Password: `${Password} no` }))).toBe(
        'SIGN_IN_FAILED',
      );
    }
    // A wrong password at an invitation counts as a failed sign-in.
    expect(await reason(browser().accept(Url, { Password }))).toBe('RATE_LIMITED');
    expect(await reason(browser().signIn(Email, Password))).toBe('RATE_LIMITED');
    server.clock.advance(60);
    const mine = browser();
    await mine.accept(Url, { Password });
    const { Items } = await mine.client.getMyBusinesses({});
    expect(Items.map(({ Role }) => Role)).toEqual(['Agent', 'Viewer']);
  });

  it('an invitation of a user without a password cannot be used to set one', async () => {
    const { invite } = await newBusiness();
    const victim = await server.admin.createUser({ Email: newEmail(), Name: 'x', IsAdmin: true });
    const { Url } = await invite(victim.Email);
    expect(await reason(browser().accept(Url, { Password }))).toBe('SIGN_IN_FAILED');
    expect(await reason(browser().signIn(victim.Email, Password))).toBe('SIGN_IN_FAILED');
    const mine = await openBrowser(server, victim.UserId);
    await mine.accept(Url, { Password });
    expect((await mine.client.getSession({})).User.UserId).toBe(victim.UserId);
  });

  it('an invitation is invalid after it is replaced, revoked or expired', async () => {
    const { businessId, client, invite } = await newBusiness();
    const Email = newEmail();
    const one = await invite(Email);
    const two = await invite(Email.toUpperCase(), 'Viewer');
    expect(await reason(browser().accept(one.Url, { Password }))).toBe('NOT_FOUND');
    const { Items } = await client.getInvitations({ businessId });
    expect(Items.map(({ InvitationId }) => InvitationId)).toEqual([two.InvitationId]);
    const invitationId = two.InvitationId;
    const { Url: _, ...shown } = two;
    const other = await newBusiness();
    const foreign = { businessId: other.businessId, invitationId };
    expect(await reason(other.client.revokeInvitation(foreign))).toBe('NOT_FOUND');
    expect(await client.revokeInvitation({ businessId, invitationId })).toEqual(shown);
    expect(await reason(client.revokeInvitation({ businessId, invitationId }))).toBe('NOT_FOUND');
    expect(await reason(browser().accept(two.Url, { Password }))).toBe('NOT_FOUND');
    const three = await invite(Email);
    server.clock.advance(7 * 86_400);
    expect(await reason(browser().accept(three.Url, { Password }))).toBe('GONE');
    const page = await client.getInvitations({ businessId });
    expect(page.Items.map(({ InvitationId }) => InvitationId)).toEqual([three.InvitationId]);
    const log = await client.getAudit({ businessId, Filter: { SubjectId: invitationId } });
    expect(log.Items.map(({ Action }) => Action)).toEqual([
      ...['InvitationRevoked', 'InvitationCreated'],
    ]);
  });

  it('members cannot be invited, and a member added after the invitation keeps the role', async () => {
    const { businessId, owner, client, invite } = await newBusiness();
    expect(await reason(invite(owner.Email))).toBe('CONFLICT');
    const first = await newBusiness();
    const Email = newEmail();
    const { User } = await browser().accept((await first.invite(Email)).Url, { Password });
    const { Url } = await invite(Email, 'Viewer');
    await server.admin.putMember({ businessId, UserId: User.UserId, Role: 'Owner' });
    await browser().accept(Url, { Password });
    const { Items } = await client.getMembers({ businessId });
    expect(Items.find(({ UserId }) => UserId === User.UserId)?.Role).toBe('Owner');
  });

  it('an invitation fixes the address, and the name is optional', async () => {
    const { invite } = await newBusiness();
    const Email = newEmail();
    const { Url } = await invite(Email);
    const wrong = browser().accept(Url, { Password, Email: newEmail() });
    expect(await reason(wrong)).toBe('INVALID_REQUEST');
    expect(await reason(browser().accept(Url, { Password: 'too short' }))).toBe('INVALID_REQUEST');
    const { User } = await browser().accept(Url, { Password, Email: Email.toLowerCase() });
    expect(User).toMatchObject({ Email, Name: Email.split('@')[0] });
  });
});
