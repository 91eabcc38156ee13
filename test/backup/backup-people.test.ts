import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRestoreTarget, saveBackup } from '../fixtures/backups.ts';
import { Browser, openBrowser, PASSWORD, tokenOf } from '../servers/browser.ts';
import { startTestServer } from '../servers/test-server.ts';

const Password = PASSWORD;

test('a backup contains users, password hashes and invitations, but no sessions or sign-in links', async () => {
  await using server = await startTestServer();
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-backup-'));
  await using closing = new AsyncDisposableStack();
  closing.defer(() => rm(folder, { recursive: true }));
  const { BusinessId: businessId } = await server.admin.createBusiness({ Name: 'Example' });
  const user = await server.admin.createUser({ Email: 'ada@example.com', Name: 'Ada' });
  await server.admin.putMember({ businessId, UserId: user.UserId, Role: 'Agent' });
  const mine = await openBrowser(server, user.UserId);
  const { Url: open } = await server.admin.createSignInLink({ userId: user.UserId });
  const invited = await server.admin.createInvitation({
    businessId,
    Email: 'grace@example.com',
    Role: 'Viewer',
  });
  const file = await saveBackup(server.admin, folder);

  await using target = await openRestoreTarget();
  const ledger = join(server.app.ctx.config.dataDir, 'ledger');
  const { code, stderr } = await target.restore(file, '--ledger', ledger);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  await using restored = await target.open();
  const there = new Browser(restored.url);
  for (const [name, value] of mine.cookies) there.cookies.set(name, value);
  await expect(there.client.getSession({})).rejects.toMatchObject({ reason: 'SESSION_EXPIRED' });
  const old = there.client.getInvitation({ Token: tokenOf(open) });
  await expect(old).rejects.toMatchObject({ reason: 'NOT_FOUND' });
  await there.signIn('ada@example.com', Password);
  expect((await there.client.getBusiness({ businessId })).Role).toBe('Agent');
  const { Url: _, ...invitation } = invited;
  const { Items } = await restored.admin.getInvitations({ businessId });
  expect(Items).toEqual([invitation]);
  await new Browser(restored.url).accept(invited.Url, { Password });
});
