import { Temporal } from 'temporal-polyfill';
import { Fault } from './fault.ts';

/** The IANA name of a known zone, otherwise null. Offsets are not zones. */
export function zoneName(timeZone: string): string | null {
  try {
    const name = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone).timeZoneId;
    // Temporal also accepts offsets and whole timestamps.
    const isName = /^[a-z]/i.test(name) && name.toLowerCase() === timeZone.toLowerCase();
    return isName ? name : null;
  } catch {
    return null;
  }
}

export function requireTimeZone(path: string, timeZone: string): string {
  const name = zoneName(timeZone);
  if (name !== null) return name;
  const message = `${path} must be the IANA name of a time zone, such as Europe/Berlin.`;
  throw new Fault('INVALID_REQUEST', message);
}
