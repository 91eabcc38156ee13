import { createHash } from 'node:crypto';
import type { AudioBody } from '../../access/authorization/call.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { probeAudio } from '../audio/probe.ts';
import { acceptedAudioType, requireAudio } from '../audio-type.ts';
import { discardUpload, type ReceivedRecording, type StoreParts } from './store.ts';
import { registerUpload } from './unclaimed-store.ts';

interface ReceivedAudio extends AudioBody {
  /** Of the conversation, which is not complete before the upload has ended. */
  readonly conversationHash?: string;
}

/**
 * Leaves nothing behind if it throws: UNSUPPORTED_MEDIA_TYPE, INVALID_REQUEST for an empty body,
 * PAYLOAD_TOO_LARGE, UNAVAILABLE, or the error of the source. Call `claimRecording` or
 * `discardUpload` afterwards.
 */
export async function receiveRecording(
  parts: StoreParts & Pick<Context, 'clock' | 'audioThreads' | 'share'>,
  scope: Scope,
  audio: ReceivedAudio,
  maxBytes: number,
): Promise<Omit<ReceivedRecording, 'startTime'>> {
  const declared = acceptedAudioType(audio.contentType);
  const blobKey = await registerUpload(parts.db, scope, parts.clock.now(), audio.conversationHash);
  try {
    const hash = createHash('sha256');
    const source = metered(audio.bytes, maxBytes, (chunk) => hash.update(chunk));
    const type = declared ?? 'application/octet-stream';
    const { bytes } = await parts.blobs.put(blobKey, source, type);
    if (bytes === 0) {
      throw new Fault('INVALID_REQUEST', 'The body is empty; send the bytes of the recording.');
    }
    // Crafted files of one business must not occupy all audio threads.
    const order = { businessId: scope.businessId, kind: 'PutRecording' };
    const probe = () => probeAudio(parts, { key: blobKey, bytes, declared });
    const probed = await parts.share.run(order, probe);
    const [contentType, { durationSeconds }] = [requireAudio(probed), probed];
    return { blobKey, bytes, sha256: hash.digest('hex'), contentType, durationSeconds };
  } catch (error) {
    await discardUpload(parts, scope, { blobKey });
    throw error;
  }
}

async function* metered(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new Fault('PAYLOAD_TOO_LARGE', `A recording may have up to ${maxBytes} bytes.`);
    }
    see(chunk);
    yield chunk;
  }
}
