import type { AudioType } from '@colloquy/wire';
import { signingWindow } from '../blobs/signing-window.ts';
import type { Context } from '../context.ts';
import { Fault } from '../kernel/fault.ts';
import { EXTENSIONS } from './audio-type.ts';

/** The one object that a media URL names. */
export interface MediaTarget {
  readonly businessId: number;
  readonly blobKey: string;
  readonly contentType: AudioType;
}

export interface MediaUrlParts extends Pick<Context, 'config' | 'secrets' | 'blobs' | 'clock'> {
  /** The base of links where the configuration names none, without a slash at its end. */
  publicUrl(): string;
}

const TYPES = new Map(
  (Object.keys(EXTENSIONS) as AudioType[]).map((type) => [EXTENSIONS[type], type]),
);
// Every character stands in the signed text or is the signature, so none can be changed or added.
const MEDIA_URL =
  /^(\/media\/([1-9]\d{0,15})\/([A-Za-z0-9_-]{1,128})\.([a-z0-9]{3,4})\?expires=(\d{1,16}))&signature=([A-Za-z0-9_-]{22})$/;

/**
 * A URL at which the recording can be fetched without a key for at least half of `audioUrlTtlSeconds`
 * and never for longer; it stays the same for that half. It is the object store's own, or ours:
 * `<base>/media/<businessId>/<name>.<ending>?expires=<ms since 1970>&signature=<…>`.
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

/**
 * What a media URL names, given its path and query as they came over the wire, undecoded. Faults:
 * URL_INVALID for one that we never made, URL_EXPIRED for one that ran out.
 */
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
    throw new Fault('URL_EXPIRED', 'This URL ran out; read the conversation again for a new one.');
  }
  return { businessId: Number(businessId), blobKey: `${businessId}/${name}`, contentType };
}
