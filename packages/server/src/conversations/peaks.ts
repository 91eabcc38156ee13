import { type Scope, systemScope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import { Fault } from '../base/fault.ts';
import { makePeaks } from '../recordings/make-peaks.ts';
import { findPeaks, type NamedRecording, type PeaksState } from '../recordings/peaks-store.ts';
import { findRecordings } from '../recordings/store.ts';
import { requireThere } from './read.ts';
import { copyOf } from './record.ts';
import { findHead, setRecordings } from './store.ts';

/**
 * Makes the peaks of a recording; where its duration became known by that, now or before this process
 * died, the conversation tells it.
 */
export async function describeRecording(
  ctx: Pick<Context, 'db' | 'blobs' | 'clock' | 'log' | 'config'>,
  recording: NamedRecording,
): Promise<void> {
  await makePeaks(ctx, recording);
  const scope = systemScope(recording.businessId);
  const { conversationId } = recording;
  await ctx.db.transaction(async (tx) => {
    const head = await findHead(tx, scope, conversationId, 'lock');
    if (head?.kind !== 'there') return;
    const copies = (await findRecordings(tx, scope, conversationId)).map(copyOf);
    if (JSON.stringify(copies) === JSON.stringify(head.recordings.map(copyOf))) return;
    await setRecordings(tx, scope, conversationId, copies);
  });
}

const NOT_MADE: Readonly<Record<Exclude<PeaksState, 'Made'> | 'waiting', string>> = {
  waiting: 'The peaks of this recording are not made yet; ask again in a moment.',
  NoDecoder: 'There are no peaks: to decode this format the server needs ffmpeg.',
  Undecodable: 'There are no peaks: this recording could not be decoded.',
};

/** The peaks of a recording as JSON text. NOT_FOUND, GONE. */
export async function readPeaks(
  ctx: Pick<Context, 'db' | 'blobs' | 'secrets'>,
  scope: Scope,
  id: string,
  participantId: string,
): Promise<string> {
  const head = await findHead(ctx.db, scope, id, 'no lock');
  await requireThere(ctx.secrets, ctx.db, scope, id, head);
  const found = await findPeaks(ctx.db, scope, id, participantId);
  if (!found) {
    throw new Fault('NOT_FOUND', `There is no recording of ${participantId} in this conversation.`);
  }
  const stream = found.peaksKey && (await ctx.blobs.read(found.peaksKey));
  if (!stream) {
    const state = found.state === null || found.state === 'Made' ? 'waiting' : found.state;
    throw new Fault('NOT_FOUND', NOT_MADE[state]);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
