import type { Context } from '../../context.ts';
import { saneSeconds } from '../audio/duration.ts';
import { probeAudio } from '../audio/probe.ts';
import type { MeasuredRecording } from './remeasure-store.ts';

export interface Remeasured {
  readonly durationMs: number | null;
  readonly needsPeaks: boolean;
}

/**
 * The duration of decoded peaks takes precedence if `agree` accepts both (milliseconds). null if
 * the store has lost the recording. UNAVAILABLE.
 */
export async function remeasure(
  ctx: Pick<Context, 'blobs' | 'audioThreads'>,
  { blobKey, contentType, peaksKey, peaksState }: MeasuredRecording,
  agree: (measured: number, decoded: number) => boolean,
): Promise<Remeasured | null> {
  const bytes = await ctx.blobs.size(blobKey);
  if (bytes === null) return null;
  const probed = await probeAudio(ctx, { key: blobKey, bytes, declared: contentType });
  const measured =
    probed.durationSeconds === null ? null : Math.round(probed.durationSeconds * 1000);
  const decoded = peaksKey === null ? null : await durationOfPeaks(ctx, peaksKey);
  if (decoded !== null && (measured === null || agree(measured, decoded))) {
    return { durationMs: decoded, needsPeaks: false };
  }
  return { durationMs: measured, needsPeaks: peaksKey !== null || peaksState === 'Undecodable' };
}

async function durationOfPeaks(
  { blobs }: Pick<Context, 'blobs'>,
  peaksKey: string,
): Promise<number | null> {
  const stream = await blobs.read(peaksKey);
  if (!stream) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const seconds = saneSeconds(readDuration(Buffer.concat(chunks).toString('utf8')));
  return seconds === null ? null : Math.round(seconds * 1000);
}

/** A damaged blob must not stop the measurement of others. */
function readDuration(peaks: string): number | null {
  try {
    const { DurationSeconds } = JSON.parse(peaks) as { readonly DurationSeconds?: unknown };
    return typeof DurationSeconds === 'number' ? DurationSeconds : null;
  } catch {
    return null;
  }
}
