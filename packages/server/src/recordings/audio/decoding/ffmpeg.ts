import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AudioType } from '@colloquy/wire';
import { unnamedFile } from '../containers/unnamed-file.ts';
import { MAX_SILENCE_SECONDS, MIN_GAP_SECONDS } from '../gaps.ts';
import { UndecodableError } from '../undecodable.ts';

export class NoDecoderError extends Error {}

/** Set explicitly, because a crafted file must not choose another demuxer. */
const READERS: Readonly<Record<AudioType, string>> = {
  'audio/wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/webm': 'matroska',
  'audio/mp4': 'mov',
  'audio/flac': 'flac',
};
/**
 * Inserts silence as `Gaps` does. The first filter gives each frame the end time of the previous
 * one plus a pause, so the second never drops samples. Registers: 0 start of the next frame, 1
 * offset added after timestamps went back, 2 delay of the frame, 3 its time, 4 total silence.
 */
const FILL_GAPS = [
  `asetpts='${[
    'if(eq(N,0),st(0,PTS))',
    'st(2,PTS+ld(1)-ld(0))',
    `if(lt(ld(2),-${MIN_GAP_SECONDS}/TB),st(1,ld(1)-ld(2)))`,
    `if(gte(ld(2),${MIN_GAP_SECONDS}/TB)*lte(ld(4)+ld(2),${MAX_SILENCE_SECONDS}/TB),st(4,ld(4)+ld(2))*0+st(0,ld(0)+ld(2)))`,
    'st(3,ld(0))',
    'st(0,ld(0)+S/SR/TB)',
    'ld(3)',
  ].join(';')}'`,
  `aresample=async=1:min_hard_comp=${MIN_GAP_SECONDS / 2}`,
].join(',');
const MAX_MILLISECONDS = 15 * 60_000;
const MAX_ERROR_TEXT = 500;

/**
 * Passes 16-bit WAVE to `use` piece by piece. Rethrows faults of the source; NoDecoderError,
 * UndecodableError, UNAVAILABLE.
 */
export async function withFfmpeg<T>(
  searchPath: string,
  type: AudioType,
  source: Readable,
  use: (wav: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  await using closing = new AsyncDisposableStack();
  closing.defer(() => void source.destroy());
  // The index of an MP4 file may be at its end.
  const file = type === 'audio/mp4' ? await unnamedFile(closing) : null;
  if (file) for await (const chunk of source) await file.append(chunk);
  const [protocol, input] = file ? ['file', 'file:/dev/fd/3'] : ['pipe', 'pipe:0'];
  const child = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-threads', '1'],
      ...['-protocol_whitelist', protocol, '-f', READERS[type], '-i', input],
      ...['-map', '0:a:0', '-vn', '-sn', '-dn', '-af', FILL_GAPS],
      ...['-c:a', 'pcm_s16le', '-f', 'wav', 'pipe:1'],
    ],
    // It reads untrusted data, so it gets none of our environment.
    { stdio: ['pipe', 'pipe', 'pipe', file?.fd ?? 'ignore'], env: { PATH: searchPath } },
  ) as ChildProcessByStdio<Writable, Readable, Readable>;
  const ended = endOf(child);
  ended.catch(() => undefined);
  closing.defer(() => void child.kill('SIGKILL'));
  const timeout = setTimeout(() => child.kill('SIGKILL'), MAX_MILLISECONDS);
  closing.defer(() => clearTimeout(timeout));
  if (child.pid !== undefined) lowerPriority(child.pid);
  // Node discards unread output when the process ends.
  const wav = new PassThrough();
  pipeline(child.stdout, wav).catch(() => undefined);
  const fed = file ? Promise.resolve() : feed(source, child.stdin);
  fed.catch(() => undefined);
  try {
    const result = await use(wav);
    await fed;
    await ended;
    return result;
  } catch (error) {
    // ffmpeg's error precedes the error of parsing its truncated output.
    child.kill('SIGKILL');
    await fed;
    await ended;
    throw error;
  }
}

export function hasFfmpeg(searchPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('ffmpeg', ['-version'], { stdio: 'ignore', env: { PATH: searchPath } });
    child.on('error', () => resolve(false)).on('close', (code) => resolve(code === 0));
  });
}

function endOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<void> {
  let errorText = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorText = (errorText + text).slice(0, MAX_ERROR_TEXT);
  });
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      child.stdin.destroy();
      child.stdout.destroy();
      reject(error.code === 'ENOENT' ? new NoDecoderError('ffmpeg is not installed') : error);
    });
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new UndecodableError(`ffmpeg: ${errorText.trim()}`));
    });
  });
}

const READER_STOPPED = [
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
];

/** The reader may stop early; errors of the source are rethrown. */
async function feed(source: Readable, input: Writable): Promise<void> {
  await pipeline(source, input).catch((error: NodeJS.ErrnoException) => {
    if (!READER_STOPPED.includes(error.code ?? '')) throw error;
  });
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // The process has already ended.
  }
}
