import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AudioType } from '@colloquy/wire';
import { unnamedFile } from '../containers/unnamed-file.ts';
import { MAX_SILENCE_SECONDS, MIN_GAP_SECONDS } from '../gaps.ts';
import { UndecodableError } from '../undecodable.ts';

/** There is no ffmpeg on this machine. */
export class NoDecoderError extends Error {}

/** As ffmpeg names them. It is told, so that a crafted file cannot choose another reader. */
const READERS: Readonly<Record<AudioType, string>> = {
  'audio/wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/webm': 'matroska',
  'audio/mp4': 'mov',
  'audio/flac': 'flac',
};
/**
 * Puts silence where the timestamps leave a pause, as `Gaps` does for our decoders. The first filter gives
 * each frame the time at which the one before it ends, plus a pause, so that the second never drops samples.
 * The registers: 0 where the next frame begins, 1 what is added to timestamps after they went back, 2 how
 * late the frame is, 3 its time, 4 the silence so far.
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
const MAX_COMPLAINT = 500;

/**
 * Decodes audio to a WAVE of 16 bits with the ffmpeg of a search path, and gives that piece by piece to
 * `use`. Faults of the source are passed on; NoDecoderError, UndecodableError, UNAVAILABLE.
 */
export async function withFfmpeg<T>(
  searchPath: string,
  type: AudioType,
  source: Readable,
  use: (wav: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  await using closing = new AsyncDisposableStack();
  closing.defer(() => void source.destroy());
  // The index of an MP4 file may stand at its end.
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
    // It reads what strangers have sent, so it is told nothing of ours.
    { stdio: ['pipe', 'pipe', 'pipe', file?.fd ?? 'ignore'], env: { PATH: searchPath } },
  ) as ChildProcessByStdio<Writable, Readable, Readable>;
  const ended = endOf(child);
  ended.catch(() => undefined);
  closing.defer(() => void child.kill('SIGKILL'));
  const patience = setTimeout(() => child.kill('SIGKILL'), MAX_MILLISECONDS);
  closing.defer(() => clearTimeout(patience));
  if (child.pid !== undefined) lowerPriority(child.pid);
  // Read from now on: Node throws away what nobody reads when the process ends.
  const wav = new PassThrough();
  pipeline(child.stdout, wav).catch(() => undefined);
  const fed = file ? Promise.resolve() : feed(source, child.stdin);
  fed.catch(() => undefined);
  try {
    const result = await use(wav);
    await fed;
    // One that was killed has given a part only.
    await ended;
    return result;
  } catch (error) {
    // What ffmpeg says of it comes before what its output, cut off, was taken for.
    child.kill('SIGKILL');
    await fed;
    await ended;
    throw error;
  }
}

/** Whether there is an ffmpeg. */
export function hasFfmpeg(searchPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('ffmpeg', ['-version'], { stdio: 'ignore', env: { PATH: searchPath } });
    child.on('error', () => resolve(false)).on('close', (code) => resolve(code === 0));
  });
}

function endOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<void> {
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, MAX_COMPLAINT);
  });
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      // Nobody else ends them, where there is no process.
      child.stdin.destroy();
      child.stdout.destroy();
      reject(error.code === 'ENOENT' ? new NoDecoderError('there is no ffmpeg') : error);
    });
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new UndecodableError(`ffmpeg: ${complaint.trim()}`));
    });
  });
}

const ENOUGH = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'];

/** Whoever reads may have enough of it; errors of the source are passed on. */
async function feed(source: Readable, input: Writable): Promise<void> {
  await pipeline(source, input).catch((error: NodeJS.ErrnoException) => {
    if (!ENOUGH.includes(error.code ?? '')) throw error;
  });
}

/** Calls go first. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
}
