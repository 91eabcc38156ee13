import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRestoreTarget, saveBackup } from '../fixtures/backups.ts';
import { createOnNodes, dropDistributed } from '../servers/citus.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';
import { StreamActions } from '../streams/stream-actions.ts';

const ON_NODES = { create: createOnNodes, drop: dropDistributed };
const MESSAGES = 8;

/** Adds conversations with one message after the other, until `stop`. */
function writeTo(server: TestServer, businessIds: readonly number[]) {
  let [isStopped, written] = [false, 0];
  const write = async (businessId: number) => {
    const call = new StreamActions(server, businessId);
    for (let number = 0; !isStopped; number += 1) {
      const started = number % MESSAGES === 0 ? [call.started(), call.joined('ann')] : [];
      const sessionId = `s${Math.floor(number / MESSAGES)}`;
      await call.append(sessionId, ...started, call.said(`message ${number}`));
      written += 1;
    }
  };
  const writing = Promise.all(businessIds.map(write));
  return {
    written: () => written,
    async stop() {
      isStopped = true;
      await writing;
    },
  };
}

/** What the tables say of themselves: counts that are kept apart agree only in one instant. */
const AGREEMENT = `SELECT l.business_id::int AS "businessId", count(*)::int AS conversations,
    sum(l.next_seq - 1)::int AS expected,
    sum((SELECT sum(array_length(string_to_array(e.event_ids, E'\\x01'), 1))
      FROM conversation_events e
      WHERE e.business_id = l.business_id AND e.conversation_id = l.conversation_id))::int AS found
  FROM live_conversations l GROUP BY 1 ORDER BY 1`;

describe('a backup of a cluster', () => {
  test.each([
    ['one PostgreSQL', undefined],
    ['a cluster', ON_NODES],
  ])('is of one instant for each business, and can be restored to %s', async (_, databases) => {
    await using closing = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-backup-'));
    closing.defer(() => rm(folder, { recursive: true }));
    const server = closing.use(await startTestServer());
    const businessIds = [];
    for (let n = 0; n < 6; n += 1) businessIds.push(await server.newBusiness());
    const writers = writeTo(server, businessIds);
    await expect.poll(writers.written).toBeGreaterThan(100);
    const file = await saveBackup(server.admin, folder);
    await writers.stop();

    const target = closing.use(await openRestoreTarget({}, {}, databases));
    const ledger = join(server.app.ctx.config.dataDir, 'ledger');
    const { code, stderr } = await target.restore(file, '--ledger', ledger);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    const { rows } = await target.sql.query(AGREEMENT);
    expect(rows.map(({ businessId }) => businessId)).toEqual(businessIds);
    for (const { expected, found } of rows) expect(found).toBe(expected);

    const restored = closing.use(await target.open());
    for (const businessId of businessIds) {
      const sessionId = 's0';
      const read = await restored.admin.getConversation({ businessId, sessionId });
      expect(read).toEqual(await server.admin.getConversation({ businessId, sessionId }));
      // Pending changes of the archive have numbers of another node, so the time gives their order.
      restored.clock.advance(1);
      const call = new StreamActions(restored, businessId);
      const since = call.at();
      await call.append('new', call.started(), call.joined('ann'), call.said('later'));
      const stream = await call.open(`/stream?Since=${since}`);
      await stream.untilEvents(3);
      call.closeAll();
      expect(stream.told.at(-1)).toBe('later');
    }
  });

  test('loses again what was erased since, and is refused if its nodes differ in time', async () => {
    await using closing = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-backup-'));
    closing.defer(() => rm(folder, { recursive: true }));
    const server = closing.use(await startTestServer());
    const businessId = await server.newBusiness();
    const call = new StreamActions(server, businessId);
    for (const id of ['kept', 'erased']) await call.append(id, call.started());
    const file = await saveBackup(server.admin, folder);
    await server.admin.deleteConversation({ businessId, sessionId: 'erased' });
    const target = closing.use(await openRestoreTarget({}, {}, ON_NODES));
    expect(await target.restore(file, '--without-ledger')).toMatchObject({ code: 0 });

    const ledger = join(server.app.ctx.config.dataDir, 'ledger');
    const apply = () => target.restore('--ledger-only', '--ledger', ledger);
    expect((await apply()).printed).toContain('Deleted again: 1 conversations');
    const restored = await target.open();
    const { Items } = await restored.admin.getConversations({ businessId });
    expect(Items.map(({ Id }) => Id)).toEqual(['kept']);
    await restored[Symbol.asyncDispose]();

    const { rows } = await target.sql.query('DELETE FROM businesses RETURNING *');
    expect((await apply()).stderr).toContain('The coordinator is older than its nodes');
    await target.sql.query(
      'INSERT INTO businesses SELECT * FROM json_populate_recordset(NULL::businesses, $1)',
      [JSON.stringify(rows)],
    );
    await target.sql.query('DELETE FROM audit_pending WHERE business_id = $1', [businessId]);
    await target.sql.query('DELETE FROM audit_entries WHERE business_id = $1', [businessId]);
    expect((await apply()).stderr).toContain(`The node of business ${businessId} is older`);
  });
});
