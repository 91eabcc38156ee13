import { useEffect, useState } from 'react';
import { needsIndex, toMp4 } from './mp3-index.ts';
import type { Recording } from './tracks.ts';

const HEAD_BYTES = 65_536;
/** About four hours of audio; longer files are played without an index. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * A URL in which the browser can seek exactly; null while loading. In MP3 files of variable bit
 * rate browsers miss by seconds, so a copy with an index is played.
 */
export function useSeekableSource(
  { url, contentType }: Recording,
  duration: number,
): string | null {
  const isMp3 = contentType === 'audio/mpeg' && duration > 0;
  const [indexed, setIndexed] = useState<{ readonly of: string; readonly url: string } | null>(
    null,
  );
  useEffect(() => {
    if (!isMp3) return;
    const stop = new AbortController();
    let made: string | null = null;
    void indexedUrl(url, duration / 1000, stop.signal)
      .catch(() => null)
      .then((found) => {
        made = found;
        if (stop.signal.aborted && found !== null) URL.revokeObjectURL(found);
        else if (!stop.signal.aborted) setIndexed({ of: url, url: found ?? url });
      });
    return () => {
      stop.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [url, isMp3, duration]);
  if (!isMp3) return url;
  return indexed?.of === url ? indexed.url : null;
}

async function indexedUrl(url: string, seconds: number, signal: AbortSignal) {
  const range = { Range: `bytes=0-${HEAD_BYTES - 1}` };
  const answer = await fetch(url, { headers: range, signal });
  if (!answer.ok) return null;
  const size = sizeOf(answer);
  const head = new Uint8Array(await answer.arrayBuffer());
  if (size > MAX_BYTES || !needsIndex(head, size, seconds)) return null;
  const whole = await fetch(url, { signal });
  if (!whole.ok) return null;
  const file = toMp4(new Uint8Array(await whole.arrayBuffer()));
  return file && URL.createObjectURL(file);
}

/** 0 if unknown: a bucket may hide Content-Range. */
function sizeOf({ headers }: Response): number {
  const total = /\/(\d+)$/.exec(headers.get('Content-Range') ?? '')?.[1];
  return Number(total ?? 0);
}
