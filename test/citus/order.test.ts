import { expect, test } from 'vitest';
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
