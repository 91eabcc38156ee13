import { Fault } from '../../kernel/fault.ts';

/** Somebody to be called; the texts are JSON. */
export interface Recipient {
  /** As it was given. */
  readonly number: string;
  readonly dynamicVariables: string;
  readonly metadata: string;
  readonly timeZone: string | null;
  /** Of a row: its line, from 1, and what is wrong with it as a whole. */
  readonly line?: number;
  readonly fault?: string;
}

/** What the variables or the metadata of one call, and those of all calls of a request, may come to. */
const MAX_CHARACTERS = 64 * 1024;
const MAX_CHARACTERS_TOGETHER = 64 * 1024 * 1024;

/**
 * Bounds what a request comes to: each of its calls is given what the request says for all, so that a
 * small request could fill the memory.
 */
export class RecipientBounds {
  #count = 0;
  #sum = 0;

  /** The recipient. PAYLOAD_TOO_LARGE where it, or all so far, come to too much. */
  take(recipient: Recipient): Recipient {
    const { dynamicVariables, metadata } = recipient;
    const longest = Math.max(dynamicVariables.length, metadata.length);
    if (longest > MAX_CHARACTERS) {
      const what = longest === metadata.length ? 'Metadata' : 'DynamicVariables';
      throw new Fault(
        'PAYLOAD_TOO_LARGE',
        `The ${what} of recipient ${this.#count}, with those of the request, come to more than 64 KiB.`,
      );
    }
    this.#count += 1;
    this.#sum += dynamicVariables.length + metadata.length;
    if (this.#sum <= MAX_CHARACTERS_TOGETHER) return recipient;
    throw new Fault(
      'PAYLOAD_TOO_LARGE',
      'The DynamicVariables and Metadata of all recipients, with those of the request, come to more than 64 MiB; enqueue fewer at once.',
    );
  }
}
