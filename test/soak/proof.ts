import { appendFileSync } from 'node:fs';

/** The settings of a proof. `npm test` runs the short form, `npm run soak -- <name>` the long one. */
export interface ProofSettings {
  readonly rounds: number;
  readonly seed: number;
  /** Milliseconds that the test may take. */
  readonly timeoutMs: number;
}

const MINUTE_MS = 60_000;

/** Reads the form and the seed from the environment; the short form always has the same seed. */
export function proofSettings(short: number, long: number): ProofSettings {
  const isLong = process.env.SOAK === 'long';
  return {
    rounds: isLong ? Number(process.env.SOAK_ROUNDS ?? long) : short,
    seed: isLong ? Number(process.env.SOAK_SEED ?? Date.now() % 2_147_483_646) + 1 : 4711,
    timeoutMs: (isLong ? 120 : 4) * MINUTE_MS,
  };
}

/** Pseudorandom numbers from 0 to below 1 that depend only on the seed (MINSTD). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Prints the result of a proof and, in the long form, appends it for the table of results. */
export function reportProof(figures: string): void {
  console.log(figures);
  const path = process.env.SOAK_REPORT;
  if (path !== undefined) appendFileSync(path, `${figures}\n`);
}
