import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRestoreTarget, saveBackup } from '../fixtures/backups.ts';
import { startTestServer } from '../servers/test-server.ts';

test('a restore keeps usage and quotas, and erasures of the ledger take their bytes', async () => {
  await using server = await startTestServer();
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-backup-'));
  await using closing = new AsyncDisposableStack();
  closing.defer(() => rm(folder, { recursive: true }));
  const businessId = await server.newBusiness();
  const put = (sessionId: string) =>
    server.admin.putConversation({
      ...{ businessId, sessionId, InitiationType: 'Web', Status: 'Completed', EndType: 'Normal' },
      ...{ StartTime: '2026-02-28T23:59:30Z', EndTime: '2026-03-01T00:01:00Z' },
    });
  for (const sessionId of ['deleted', 'kept', 'erased-after-the-backup']) {
    await put(sessionId);
  }
  await server.admin.deleteConversation({ businessId, sessionId: 'deleted' });
  const Quotas = { ConversationsPerMonth: 3, MinutesPerMonth: null, StoredBytes: 10_000 };
  await server.admin.updateBusiness({ businessId, Quotas });
  const file = await saveBackup(server.admin, folder);
  await server.admin.deleteConversation({ businessId, sessionId: 'erased-after-the-backup' });
  const range = { businessId, From: '2026-02', To: '2026-03' };
  const before = await server.admin.getUsage(range);
  expect(before).toMatchObject({
    Quotas,
    Months: [
      { Conversations: 3, Seconds: 270, TranscriptBytesStored: 0 },
      { Conversations: 0, TranscriptBytesStored: '[][]'.length },
    ],
  });

  await using target = await openRestoreTarget();
  const ledger = join(server.app.ctx.config.dataDir, 'ledger');
  const { code, stderr } = await target.restore(file, '--ledger', ledger);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  await using restored = await target.open();
  const after = await restored.admin.getUsage(range);
  const { Conversations, Seconds } = before.Months[0] ?? {};
  expect(after.Quotas).toEqual(Quotas);
  expect(after.Months[0]).toMatchObject({ Conversations, Seconds });
  const current = await restored.admin.getUsage({ businessId });
  expect(current.Months.at(-1)?.TranscriptBytesStored).toBe('[][]'.length);
});
