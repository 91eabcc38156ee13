import { Temporal } from 'temporal-polyfill';
import { Fault } from './fault.ts';

/** The IANA name of a zone that is known, null for anything else; an offset is not a zone here. */
export function zoneName(timeZone: string): string | null {
  try {
    const name = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone).timeZoneId;
    // Temporal also takes the zone out of an offset or a whole timestamp.
    const isName = /^[a-z]/i.test(name) && name.toLowerCase() === timeZone.toLowerCase();
    return isName ? name : null;
  } catch {
    return null;
  }
}

/** The zone's name. INVALID_REQUEST, naming the field by its path, where there is no such zone. */
export function requireTimeZone(path: string, timeZone: string): string {
  const name = zoneName(timeZone);
  if (name !== null) return name;
  throw new Fault(
    'INVALID_REQUEST',
    `${path} must be the IANA name of a time zone, such as Europe/Berlin.`,
  );
}
