import { createHash } from 'node:crypto';
import type { Client } from '@colloquy/sdk';

export type Entry = Awaited<ReturnType<Client['getAuditChain']>>['Items'][number];

/** Where the chain must lead to. */
export interface Waypoint {
  readonly Number: number;
  readonly Hash: string;
}

const FIRST_HASH = '0'.repeat(64);

/**
 * The chain of an audit log, recomputed entry by entry. Methods give what does not fit as a sentence,
 * and null where all does.
 */
export class AuditChain {
  readonly #businessId: number;
  /** The hashes that were signed, by the number of their entry. */
  readonly #expected = new Map<number, string>();
  readonly #furthest: number;
  /** The hashes of entries that came after what was signed at first, until that is signed too. */
  readonly #unsigned = new Map<number, string>();
  #number = 0;
  #hash = FIRST_HASH;

  constructor(businessId: number, signed: readonly Waypoint[]) {
    this.#businessId = businessId;
    let furthest = 0;
    for (const { Number: number, Hash } of signed) {
      // Of two heads that differ at one entry, one is found wrong in any case.
      if (this.#expected.get(number) !== undefined && this.#expected.get(number) !== Hash) {
        this.#expected.set(number, 'two heads that differ');
      } else this.#expected.set(number, Hash);
      furthest = Math.max(furthest, number);
    }
    this.#furthest = furthest;
  }

  get length(): number {
    return this.#number;
  }

  /** The next entry, in the order in which the server lists them. */
  add(entry: Entry): string | null {
    const number = this.#number + 1;
    if (entry.Number !== number)
      return `entry ${number} is missing; entry ${entry.Number} follows.`;
    const hash = hashOf(this.#businessId, entry, this.#hash);
    if (hash !== entry.Hash) {
      return `entry ${number} does not fit: it, or its hash, was altered, or it is not the one that stood there.`;
    }
    if (entry.SubjectWasAltered) return `the SubjectId of entry ${number} was altered.`;
    const signed = this.#expected.get(number);
    if (signed !== undefined && signed !== hash) {
      return `entry ${number} is not the one that was signed; it, or one before it, was replaced.`;
    }
    this.#number = number;
    this.#hash = hash;
    if (number > this.#furthest) this.#unsigned.set(number, hash);
    return null;
  }

  /** After the last; `signed` are the heads that the server has by now. */
  end(signed: readonly Waypoint[]): string | null {
    if (this.#number < this.#furthest) {
      return `entries ${this.#number + 1} to ${this.#furthest} are missing.`;
    }
    let furthest = this.#furthest;
    for (const { Number: number, Hash } of signed) {
      const hash = this.#unsigned.get(number);
      if (hash !== undefined && hash !== Hash) {
        return `entry ${number} is not the one that was signed; it, or one before it, was replaced.`;
      }
      furthest = Math.max(furthest, number);
    }
    if (this.#number <= furthest) return null;
    return `nobody has signed entries ${furthest + 1} to ${this.#number}.`;
  }
}

/** SHA-256 over the RFC 8785 form of an entry without its subject's id, with the hash before it. */
function hashOf(
  businessId: number,
  { SubjectId: _, SubjectWasAltered: __, Hash: ___, ...entry }: Entry,
  previousHash: string,
): string {
  const hashed = { ...entry, BusinessId: businessId, PreviousHash: previousHash };
  // A list of keys has them written in its order, at every depth.
  const keys = Object.keys({ ...hashed, ...entry.Details }).sort();
  return createHash('sha256').update(JSON.stringify(hashed, keys)).digest('hex');
}
