import type { AudioType } from '@colloquy/wire';
import { signingWindow } from '../blobs/signing-window.ts';
import type { Context } from '../context.ts';
import { Fault } from '../kernel/fault.ts';
import { EXTENSIONS } from './audio-type.ts';

export interface MediaTarget {
  readonly businessId: number;
  readonly blobKey: string;
  readonly contentType: AudioType;
}

export interface MediaUrlParts extends Pick<Context, 'config' | 'secrets' | 'blobs' | 'clock'> {
  /** Used if none is configured; without a trailing slash. */
  publicUrl(): string;
}

const TYPES = new Map(
  (Object.keys(EXTENSIONS) as AudioType[]).map((type) => [EXTENSIONS[type], type]),
);
// Every character is signed, so none can be changed or added.
const MEDIA_URL =
  /^(\/media\/([1-9]\d{0,15})\/([A-Za-z0-9_-]{1,128})\.([a-z0-9]{3,4})\?expires=(\d{1,16}))&signature=([A-Za-z0-9_-]{22})$/;

/**
 * Works without a key for at least half of `audioUrlTtlSeconds`, and stays the same for that half.
 * The object store's URL, or
 * `<base>/media/<businessId>/<name>.<ending>?expires=<ms>&signature=<…>`.
 */
export function mediaUrl(parts: MediaUrlParts, target: MediaTarget): string {
  const { audioUrlTtlSeconds } = parts.config;
  const presigned = parts.blobs.presign(target.blobKey, audioUrlTtlSeconds, target.contentType);
  if (presigned !== null) return presigned;
  const { expiresAt } = signingWindow(parts.clock.now(), audioUrlTtlSeconds);
  const text = `/media/${target.blobKey}.${EXTENSIONS[target.contentType]}?expires=${expiresAt}`;
  const base = parts.config.publicUrl ?? parts.publicUrl();
  return `${base}${text}&signature=${parts.secrets.sign('media', text)}`;
}

/** URL_INVALID if the signature is wrong, URL_EXPIRED after its time. */
export function checkMediaUrl(
  parts: Pick<Context, 'secrets' | 'clock'>,
  rawPathAndQuery: string,
): MediaTarget {
  const [, text = '', businessId = '', name = '', ending = '', expires = '', signature = ''] =
    MEDIA_URL.exec(rawPathAndQuery) ?? [];
  const contentType = TYPES.get(ending);
  if (!contentType || !parts.secrets.verify('media', text, signature)) {
    throw new Fault('URL_INVALID', 'This URL was altered; read the conversation for a new one.');
  }
  if (parts.clock.now() >= Number(expires)) {
    throw new Fault(
      'URL_EXPIRED',
      'This URL has expired; read the conversation again for a new one.',
    );
  }
  return { businessId: Number(businessId), blobKey: `${businessId}/${name}`, contentType };
}
