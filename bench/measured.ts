/** One round of load: the amount of work and the times of requests in milliseconds. */
export interface Measured {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

export function summarize(times: readonly number[], seconds: number): Measured {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return {
    requests: sorted.length,
    perSecond: sorted.length / seconds,
    p50: at(0.5) ?? Number.NaN,
    p99: at(0.99) ?? Number.NaN,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Two sides measured in turns, which exposes both to other work of the machine. */
export interface Compared {
  readonly ours: readonly Measured[];
  readonly theirs: readonly Measured[];
}

// Warms up V8 and caches before the measured rounds.
export const WARM_UP_ROUNDS = 2;

/** Runs both sides in each round, and alternates which of them begins. */
export async function compareInRounds(
  rounds: number,
  runOurs: () => Promise<Measured>,
  runTheirs: () => Promise<Measured>,
): Promise<Compared> {
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round += 1) {
    const oursFirst = round % 2 === 0;
    const first = oursFirst ? await runOurs() : await runTheirs();
    const second = oursFirst ? await runTheirs() : await runOurs();
    if (round < WARM_UP_ROUNDS) continue;
    ours.push(oursFirst ? first : second);
    theirs.push(oursFirst ? second : first);
  }
  return { ours, theirs };
}

type Quantity = 'perSecond' | 'p50' | 'p99';

export function ratioOf({ ours, theirs }: Compared, quantity: Quantity): number {
  return median(
    ours.map((round, index) => round[quantity] / (theirs[index]?.[quantity] ?? Number.NaN)),
  );
}

export function medianOf(rounds: readonly Measured[], quantity: Quantity): number {
  return median(rounds.map((round) => round[quantity]));
}
