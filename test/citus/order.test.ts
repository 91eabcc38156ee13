import { expect, test } from 'vitest';
import { numberBusiness } from '../../packages/server/src/changes/log.ts';
import { startTestServer } from '../servers/test-server.ts';
import { StreamActions } from '../streams/stream-actions.ts';

test('changes keep their order, whether a transaction or a single statement wrote them', async () => {
  await using server = await startTestServer();
  const call = new StreamActions(server, await server.newBusiness());
  const since = call.at();
  // The start and the end of a conversation of a call also add a job, in a transaction.
  await call.append('a', { ...call.started(), QueueId: 'call' } as never);
  await call.append('a', call.said('one'));
  await call.append('a', call.said('two'), call.ended());
  await call.append('a', call.said('late', 'ann', -60));
  await call.put('b', 'Completed', 'whole');
  const stream = await call.open(`/stream?Since=${since}`);
  await stream.untilEvents(9);
  call.closeAll();
  expect(stream.told).toEqual([
    ...['SessionStarted', 'one', 'two', 'SessionEnded', 'late'],
    ...['SessionStarted', 'ClientJoined', 'whole', 'SessionEnded'],
  ]);
});

test('changes that a shard brought from another node come before those of its new node', async () => {
  await using server = await startTestServer();
  const call = new StreamActions(server, await server.newBusiness());
  const since = call.at();
  await call.append('a', call.started(), call.said('stored'));
  const stream = await call.open(`/stream?Since=${since}`);
  await stream.untilEvents(2);
  // As if it was written before the move: its number is above those of any node here.
  const brought = 1_000n << 48n;
  await server.sql.query(
    `INSERT INTO changes_pending (business_id, change_id, at, kind, subject_id)
     OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, 'ConversationErased', 'brought')`,
    [call.businessId, brought.toString(), call.at()],
  );
  await server.sql.query(
    `INSERT INTO changes_pending (business_id, change_id, at, kind, subject_id)
     OVERRIDING SYSTEM VALUE VALUES ($1, 1, $2, 'ConversationErased', 'later')`,
    [call.businessId, call.at()],
  );
  await numberBusiness(server.app.ctx.db, call.businessId);
  call.closeAll();
  const { rows } = await server.sql.query(
    `SELECT subject_id AS id FROM changes WHERE business_id = $1 AND subject_id <> 'a' ORDER BY position`,
    [call.businessId],
  );
  expect(rows.map(({ id }) => id)).toEqual(['brought', 'later']);
});
