import { count, type Tally } from './tally.ts';

const RATE_SECONDS = 15;

export interface Progress {
  /** Above the updated line. */
  writeLine(text: string): void;
  end(): void;
}

interface Sample {
  readonly at: number;
  readonly bytes: number;
  readonly conversations: number;
}

/** An updated line on a terminal, else a line every 5 seconds. */
export function showProgress(
  tally: Tally,
  totalBytes: number,
  doneBytes: () => number,
  output: NodeJS.WriteStream = process.stderr,
): Progress {
  const samples: Sample[] = [];
  const isTerminal = output.isTTY === true;
  const draw = () => {
    const now = { at: tally.seconds, bytes: doneBytes(), conversations: tally.conversations };
    samples.push(now);
    while (samples[0] && samples.length > 2 && samples[0].at < now.at - RATE_SECONDS)
      samples.shift();
    const line = progressLine(tally, now, samples[0] ?? now, totalBytes);
    if (isTerminal) output.write(`\r\x1b[2K${line.slice(0, (output.columns || 80) - 1)}`);
    else output.write(`${line}\n`);
  };
  const timer = setInterval(draw, isTerminal ? 250 : 5000);
  return {
    writeLine(text) {
      output.write(isTerminal ? `\r\x1b[2K${text}\n` : `${text}\n`);
    },
    end() {
      clearInterval(timer);
      if (tally.conversations === 0) return;
      draw();
      if (isTerminal) output.write('\n');
    },
  };
}

export function hideProgress(output: NodeJS.WriteStream = process.stderr): Progress {
  return { writeLine: (text) => output.write(`${text}\n`), end: () => undefined };
}

function progressLine(tally: Tally, now: Sample, before: Sample, totalBytes: number): string {
  const seconds = Math.max(now.at - before.at, 0.001);
  const isFirst = now === before;
  const rate = isFirst
    ? now.conversations / now.at
    : (now.conversations - before.conversations) / seconds;
  const byteRate = isFirst ? now.bytes / now.at : (now.bytes - before.bytes) / seconds;
  const share = totalBytes === 0 ? 1 : now.bytes / totalBytes;
  const unit = totalBytes < 10_000_000 ? 1000 : 1_000_000;
  const parts = [
    `${Math.floor(share * 100)} %`,
    `${count(now.bytes / unit)} of ${count(totalBytes / unit)} ${unit === 1000 ? 'kB' : 'MB'}`,
    `${count(now.conversations)} conversations`,
    `${count(rate)}/s`,
  ];
  if (tally.recordings > 0) parts.push(`${count(tally.recordings)} recordings`);
  if (tally.hasFailures) parts.push(`${count(tally.failed + tally.failedRecordings)} failed`);
  const left = byteRate > 0 ? (totalBytes - now.bytes) / byteRate : null;
  if (now.bytes < totalBytes && left !== null) parts.push(`${clock(left)} left`);
  return parts.join(' · ');
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (number: number) => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
