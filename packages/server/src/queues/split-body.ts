import { createHash } from 'node:crypto';
import type { InitiateCallBody } from '@colloquy/wire';
import type { Splitting } from '../base/split-body.ts';
import { recipientsFromWire, sharedFromWire } from './from-wire.ts';
import type { Recipient } from './recipients.ts';

/** The recipients of a large request. */
export interface LargeRecipients {
  readonly numbers: readonly string[];
  /** JSON; empty where a recipient has what the request says for all. */
  readonly dynamicVariables: readonly string[];
  readonly metadata: readonly string[];
  /** null where a recipient has the zone of the request. */
  readonly timeZones: readonly (string | null)[];
  /** Of all of them, to tell one request from another. */
  readonly hash: string;
}

declare module '../access/handler.ts' {
  interface LargeParts {
    InitiateCall: LargeRecipients;
  }
}

/** JSON text cannot contain it. */
const SEPARATOR = '\u0001';

export const splitInitiate: Splitting<
  InitiateCallBody,
  { readonly hash: string },
  LargeRecipients
> = {
  split(body) {
    const { Recipients, ...rest } = body;
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
      facts: {
        hash: createHash('sha256')
          .update(JSON.stringify(Recipients ?? null))
          .digest('hex'),
      },
    };
  },
  join({ hash }, [numbers = '', dynamicVariables = '', metadata = '', timeZones = '']) {
    return {
      numbers: JSON.parse(numbers),
      dynamicVariables: dynamicVariables.split(SEPARATOR),
      metadata: metadata.split(SEPARATOR),
      timeZones: JSON.parse(timeZones),
      hash,
    };
  },
};

/** The recipients, where `body` is the rest of the request. */
export function joinRecipients(body: InitiateCallBody, parts: LargeRecipients): Recipient[] {
  const shared = sharedFromWire(body);
  return parts.numbers.map((number, at) => ({
    number,
    dynamicVariables: parts.dynamicVariables[at] || shared.dynamicVariables,
    metadata: parts.metadata[at] || shared.metadata,
    timeZone: parts.timeZones[at] ?? shared.timeZone,
  }));
}
