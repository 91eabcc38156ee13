import { hash } from 'node:crypto';
import type { InitiateCallBody } from '@colloquy/wire';
import { SEPARATOR, type Splitting, separate } from '../../kernel/json/split-body.ts';
import { recipientsFromWire, sharedFromWire } from '../from-wire.ts';
import type { Recipient } from './recipients.ts';

export interface LargeRecipients {
  readonly numbers: readonly string[];
  /** JSON; empty for the values of the request. */
  readonly dynamicVariables: readonly string[];
  readonly metadata: readonly string[];
  /** null for the zone of the request. */
  readonly timeZones: readonly (string | null)[];
  /** SHA-256 of the JSON of the body, in hex. */
  readonly requestHash: string;
}

declare module '../../access/authorization/call.ts' {
  interface LargeParts {
    InitiateCall: LargeRecipients;
  }
}

interface Facts {
  readonly count: number;
  readonly requestHash: string;
}

export const splitInitiate: Splitting<InitiateCallBody, Facts, LargeRecipients> = {
  split(body) {
    const { Recipients: _recipients, ...rest } = body;
    const recipients = recipientsFromWire(body);
    const shared = sharedFromWire(body);
    const own = <V>(value: V, common: V, none: V) => (value === common ? none : value);
    return {
      rest,
      texts: [
        JSON.stringify(recipients.map(({ number }) => number)),
        recipients
          .map(({ dynamicVariables }) => own(dynamicVariables, shared.dynamicVariables, ''))
          .join(SEPARATOR),
        recipients.map(({ metadata }) => own(metadata, shared.metadata, '')).join(SEPARATOR),
        JSON.stringify(recipients.map(({ timeZone }) => own(timeZone, shared.timeZone, null))),
      ],
      facts: { count: recipients.length, requestHash: hash('sha256', JSON.stringify(body)) },
    };
  },
  join({ count, requestHash }, [numbers = '', dynamicVariables, metadata, timeZones = '']) {
    return {
      numbers: JSON.parse(numbers),
      dynamicVariables: separate(dynamicVariables, count),
      metadata: separate(metadata, count),
      timeZones: JSON.parse(timeZones),
      requestHash,
    };
  },
};

export function joinRecipients(body: InitiateCallBody, parts: LargeRecipients): Recipient[] {
  const shared = sharedFromWire(body);
  return parts.numbers.map((number, at) => ({
    number,
    dynamicVariables: parts.dynamicVariables[at] || shared.dynamicVariables,
    metadata: parts.metadata[at] || shared.metadata,
    timeZone: parts.timeZones[at] ?? shared.timeZone,
  }));
}
