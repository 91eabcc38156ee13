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

/** Fault: INVALID_REQUEST if the zone is unknown. `path` names the field. */
export function requireTimeZone(path: string, timeZone: string): string {
  const name = zoneName(timeZone);
  if (name !== null) return name;
  throw new Fault(
    'INVALID_REQUEST',
    `${path} must be the IANA name of a time zone, such as Europe/Berlin.`,
  );
}
