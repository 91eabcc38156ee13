import { execFileSync } from 'node:child_process';
import { SAMPLES_PER_MS } from './flite-voice.ts';

const BITS_PER_SECOND = 14_000;

export class CallAudio {
  readonly #pieces: { samples: Int16Array; startMs: number }[] = [];

  add(samples: Int16Array, startMs: number): void {
    this.#pieces.push({ samples, startMs });
  }

  get isSilent(): boolean {
    return this.#pieces.length === 0;
  }

  render(durationMs: number): Int16Array {
    const track = new Int16Array(durationMs * SAMPLES_PER_MS);
    for (const { samples, startMs } of this.#pieces) track.set(samples, startMs * SAMPLES_PER_MS);
    return track;
  }
}

export function mixTracks(tracks: Int16Array[]): Int16Array {
  const mixed = new Int16Array(tracks[0]?.length ?? 0);
  for (let index = 0; index < mixed.length; index += 1) {
    const sum = tracks.reduce((total, track) => total + (track[index] ?? 0), 0);
    mixed[index] = Math.max(-32_768, Math.min(32_767, sum));
  }
  return mixed;
}

/** Ogg Opus, mono. A fixed stream serial makes the bytes reproducible. */
export function encodeOpus(samples: Int16Array, path: string, serial: number): void {
  const input = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const raw = ['--raw', '--raw-rate', String(SAMPLES_PER_MS * 1000), '--raw-chan', '1'];
  const quality = ['--bitrate', String(BITS_PER_SECOND / 1000), '--speech', '--framesize', '60'];
  // 4016 is OPUS_SET_DTX, with which silence takes almost no bytes.
  const stream = ['--set-ctl-int', '4016=1', '--padding', '0', '--serial', String(serial)];
  execFileSync('opusenc', ['--quiet', ...raw, ...quality, ...stream, '-', path], { input });
}
