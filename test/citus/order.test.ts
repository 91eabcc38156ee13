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

test.each([
  ['moved to a node with lower numbers', 1_000n << 48n, 1n],
  ['was written by the former node at last', 1n, 1_000n << 48n],
])('changes keep their order if the shard %s', async (_, earlier, later) => {
  await using server = await startTestServer();
  const call = new StreamActions(server, await server.newBusiness());
  await call.append('a', call.started());
  await numberBusiness(server.app.ctx.db, call.businessId);
  const add = (changeId: bigint, at: string, subjectId: string) =>
    server.sql.query(
      `INSERT INTO changes_pending (business_id, change_id, at, kind, subject_id)
       OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, 'ConversationErased', $4)`,
      [call.businessId, `${changeId}`, at, subjectId],
    );
  await add(later, call.at(1), 'later');
  await add(earlier, call.at(), 'earlier');
  await numberBusiness(server.app.ctx.db, call.businessId);
  const { rows } = await server.sql.query(
    `SELECT subject_id AS id FROM changes WHERE business_id = $1 AND subject_id <> 'a' ORDER BY position`,
    [call.businessId],
  );
  expect(rows.map(({ id }) => id)).toEqual(['earlier', 'later']);
});
