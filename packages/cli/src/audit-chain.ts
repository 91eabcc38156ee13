import { hash } from 'node:crypto';
import type { Client } from '@colloquy/sdk';
import canonicalize from 'canonicalize';

export type Entry = Awaited<ReturnType<Client['getAuditChain']>>['Items'][number];

type SignedEntry = Pick<Entry, 'Number' | 'Hash'>;

const FIRST_HASH = '0'.repeat(64);

/** Methods return the problem as a sentence, or null. */
export class AuditChain {
  readonly #businessId: number;
  readonly #expected = new Map<number, string>();
  readonly #lastSigned: number;
  /** Of entries after the last one that was signed when the check began. */
  readonly #unsigned = new Map<number, string>();
  #number = 0;
  #hash = FIRST_HASH;

  constructor(businessId: number, signed: readonly SignedEntry[]) {
    this.#businessId = businessId;
    let lastSigned = 0;
    for (const { Number: number, Hash } of signed) {
      const known = this.#expected.get(number);
      // No hash matches this text.
      this.#expected.set(number, (known ?? Hash) === Hash ? Hash : 'two heads that differ');
      lastSigned = Math.max(lastSigned, number);
    }
    this.#lastSigned = lastSigned;
  }

  get length(): number {
    return this.#number;
  }

  add(entry: Entry): string | null {
    const number = this.#number + 1;
    if (entry.Number !== number)
      return `entry ${number} is missing; entry ${entry.Number} follows.`;
    const hash = hashOf(this.#businessId, entry, this.#hash);
    if (hash !== entry.Hash) {
      return `entry ${number} does not match its hash: the entry or the hash was altered, or another entry was moved here.`;
    }
    if (entry.SubjectWasAltered) return `the SubjectId of entry ${number} was altered.`;
    const signed = this.#expected.get(number);
    if (signed !== undefined && signed !== hash) {
      return `entry ${number} is not the one that was signed; it, or one before it, was replaced.`;
    }
    this.#number = number;
    this.#hash = hash;
    if (number > this.#lastSigned) this.#unsigned.set(number, hash);
    return null;
  }

  /** `signed` must be read after the last entry. */
  end(signed: readonly SignedEntry[]): string | null {
    if (this.#number < this.#lastSigned) {
      return `entries ${this.#number + 1} to ${this.#lastSigned} are missing.`;
    }
    let lastSigned = this.#lastSigned;
    for (const { Number: number, Hash } of signed) {
      const hash = this.#unsigned.get(number);
      if (hash !== undefined && hash !== Hash) {
        return `entry ${number} is not the one that was signed; it, or one before it, was replaced.`;
      }
      lastSigned = Math.max(lastSigned, number);
    }
    if (this.#number <= lastSigned) return null;
    return `entries ${lastSigned + 1} to ${this.#number} are not signed.`;
  }
}

/** SHA-256 of the RFC 8785 form with the previous hash, without the subject's id. */
function hashOf(
  businessId: number,
  { SubjectId: _, SubjectWasAltered: __, Hash: ___, ...entry }: Entry,
  previousHash: string,
): string {
  const hashed = { ...entry, BusinessId: businessId, PreviousHash: previousHash };
  return hash('sha256', canonicalize(hashed) ?? '');
}
