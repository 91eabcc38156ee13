import type { Readable } from 'node:stream';
import type { BlobStore } from '../blobs/blob-store.ts';
import { allowsRange, matchesNone } from '../kernel/entity-tag.ts';
import { Fault } from '../kernel/fault.ts';
import type { MediaTarget } from './media-url.ts';

export interface MediaAnswer {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** null for HEAD, 304 and 416. The caller must read it to the end or destroy it. */
  readonly stream: Readable | null;
}

export interface MediaRequest {
  readonly method: 'GET' | 'HEAD';
  readonly range?: string | undefined;
  readonly ifRange?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

const RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i;

/** One range at most (RFC 9110, section 14). HEAD ignores `Range`. GONE. */
export async function openMedia(
  blobs: BlobStore,
  target: MediaTarget & { readonly tag: string },
  request: MediaRequest,
): Promise<MediaAnswer> {
  const size = await blobs.size(target.blobKey);
  if (size === null) throw goneFault();
  const shared = {
    'Accept-Ranges': 'bytes',
    ETag: target.tag,
    'Cache-Control': 'private',
    'Content-Disposition': 'inline',
    'X-Content-Type-Options': 'nosniff',
  };
  if (matchesNone(request.ifNoneMatch, target.tag)) {
    return { status: 304, headers: shared, stream: null };
  }
  const whole = { ...shared, 'Content-Type': target.contentType, 'Content-Length': `${size}` };
  if (request.method === 'HEAD') return { status: 200, headers: whole, stream: null };

  const isRange = allowsRange(request.ifRange, target.tag);
  const range = isRange ? selectRange(request.range, size) : null;
  if (range === 'unsatisfiable') {
    const headers = { ...shared, 'Content-Range': `bytes */${size}`, 'Content-Length': '0' };
    return { status: 416, headers, stream: null };
  }
  const stream = await blobs.read(target.blobKey, range ?? undefined);
  if (stream === null) throw goneFault();
  if (range === null) return { status: 200, headers: whole, stream };
  const headers = {
    ...whole,
    'Content-Range': `bytes ${range.start}-${range.end}/${size}`,
    'Content-Length': `${range.end - range.start + 1}`,
  };
  return { status: 206, headers, stream };
}

/** Inclusive; null for the whole file, also for several or invalid ranges. */
function selectRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const [, first, last] = RANGE.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? Number.POSITIVE_INFINITY : Number(last);
  if (end < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(end, size - 1) };
}

export function goneFault(): Fault {
  return new Fault('GONE', 'This recording was erased or replaced.');
}
