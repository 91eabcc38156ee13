import { Fault } from '../../kernel/fault.ts';

export interface Recipient {
  readonly number: string;
  /** JSON, as `metadata`. */
  readonly dynamicVariables: string;
  readonly metadata: string;
  readonly timeZone: string | null;
  readonly line?: number;
  readonly fault?: string;
}

const MAX_CHARACTERS = 64 * 1024;
const MAX_TOTAL_CHARACTERS = 64 * 1024 * 1024;

/** Each call gets a copy of the values of the request, so a small request could fill the memory. */
export class RecipientBounds {
  #count = 0;
  #sum = 0;

  /** PAYLOAD_TOO_LARGE. */
  take(recipient: Recipient): Recipient {
    const { dynamicVariables, metadata } = recipient;
    const longest = Math.max(dynamicVariables.length, metadata.length);
    if (longest > MAX_CHARACTERS) {
      const key = longest === metadata.length ? 'Metadata' : 'DynamicVariables';
      throw new Fault(
        'PAYLOAD_TOO_LARGE',
        `The ${key} of recipient ${this.#count}, together with those of the request, exceed 64 KiB.`,
      );
    }
    this.#count += 1;
    this.#sum += dynamicVariables.length + metadata.length;
    if (this.#sum <= MAX_TOTAL_CHARACTERS) return recipient;
    throw new Fault(
      'PAYLOAD_TOO_LARGE',
      'The DynamicVariables and Metadata of all recipients, together with those of the request, exceed 64 MiB; enqueue fewer at a time.',
    );
  }
}
