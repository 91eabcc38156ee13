import { messageWithCountry, readDialableNumber } from '@colloquy/phone-numbers';
import type { Rejection } from '@colloquy/wire';
import { Breather } from '../../kernel/fair-share/breather.ts';
import type { Recipient } from './recipients.ts';
import type { EnqueueRequest, Rejected } from './request.ts';

export interface DialableRecipient {
  readonly index: number;
  readonly recipient: Recipient;
  /** E.164. */
  readonly number: string;
}

export interface ReadRecipients {
  readonly dialable: readonly DialableRecipient[];
  readonly rejected: readonly Rejected[];
}

export async function readRecipients({
  recipients,
  country,
}: EnqueueRequest): Promise<ReadRecipients> {
  const seen = new Set<string>();
  const dialable: DialableRecipient[] = [];
  const rejected: Rejected[] = [];
  const breather = new Breather();
  for (const [index, recipient] of recipients.entries()) {
    const { number: given, fault, line } = recipient;
    const reject = (reason: Rejection, message: string) => {
      rejected.push({ index, line, reason, message });
    };
    if (fault !== undefined) reject('INVALID_ROW', fault);
    else {
      const reading = readDialableNumber(given, country);
      if (!('e164' in reading)) reject('INVALID_NUMBER', messageWithCountry(reading));
      else if (seen.has(reading.e164)) {
        reject('DUPLICATE', `${reading.e164} is already in the request.`);
      } else {
        seen.add(reading.e164);
        dialable.push({ index, recipient, number: reading.e164 });
      }
    }
    if (breather.isDue()) await breather.breathe();
  }
  return { dialable, rejected };
}
