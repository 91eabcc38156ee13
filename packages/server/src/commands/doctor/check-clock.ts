import { type Finding, findingsOf } from './finding.ts';

/** Object stores refuse requests that are signed with a clock 15 minutes off. */
const MAX_SKEW_MS = 60_000;
const SMALL_SKEW_MS = 2_000;
const FIX =
  'Synchronize both clocks by NTP (for example with chrony or systemd-timesyncd): leases, due times and signed URLs compare them.';

export interface Times {
  /** Of this machine, before and after the other clock was read. */
  readonly before: number;
  readonly after: number;
  readonly other: number;
  /** Of the other clock: 1000 if it shows whole seconds. */
  readonly resolutionMs: number;
}

/** Compares the clock of this machine with another one. */
export function checkClock(name: string, times: Times): Finding {
  const { ok, warning, failed } = findingsOf('clock');
  const { before, after, other, resolutionMs } = times;
  const isWithin = other + resolutionMs >= before && other <= after;
  const skew = isWithin ? 0 : other > after ? other - after : before - other - resolutionMs;
  if (skew <= SMALL_SKEW_MS) return ok(`the clock of ${name} agrees with this machine`);
  const direction = other > after ? 'ahead of' : 'behind';
  const message = `the clock of ${name} is ${Math.round(skew / 1000)} s ${direction} this machine`;
  return skew > MAX_SKEW_MS ? failed(message, FIX) : warning(message, FIX);
}
