import { MAX_INSTANT } from '../../kernel/instant.ts';
import type { Call, Campaign } from '../calls/call.ts';
import { nextOpening, type Window } from './windows.ts';

export interface Planned {
  readonly at: number;
  /** The end of the window of `at`; null if it never closes. */
  readonly closesAt: number | null;
}

/** The rules from which due times of a queue are computed. */
export interface Rules {
  /** Their version. A call with an earlier plan gets a new due time before it is leased. */
  readonly plan: number;
  readonly businessZone: string | null;
  readonly campaigns: ReadonlyMap<string, Campaign>;
}

type Waiting = Pick<Call, 'direction' | 'expiresAt'> & {
  readonly campaignId?: string | null;
  readonly windows?: readonly Window[] | null;
  readonly timeZone?: string | null;
};

/** Computes due times, with a cache: most calls of a request share windows, zone and instant. */
export class Planner {
  readonly rules: Rules;
  readonly #known = new Map<readonly Window[], Map<string, Planned | null>>();

  constructor(rules: Rules) {
    this.rules = rules;
  }

  campaignOf(call: Waiting): Campaign | null {
    return (call.campaignId != null && this.rules.campaigns.get(call.campaignId)) || null;
  }

  /** The maximum of simultaneous calls of its campaign; null without a limit. */
  limitOf(call: Waiting): number | null {
    return this.campaignOf(call)?.maxConcurrent ?? null;
  }

  /** The maximum of attempts on its number per local day; null without a cap. */
  capOf(call: Waiting): number | null {
    return this.campaignOf(call)?.maxAttemptsPerNumberPerDay ?? null;
  }

  windowsOf(call: Waiting): readonly Window[] {
    return call.windows ?? this.campaignOf(call)?.windows ?? ALWAYS;
  }

  /** The first instant from `from` on at which the call may be made; null if it expires before. */
  next(call: Waiting, from: number): Planned | null {
    const planned = this.#opening(this.windowsOf(call), call.timeZone ?? null, from);
    const isLate = planned !== null && call.expiresAt !== null && planned.at >= call.expiresAt;
    return isLate ? null : planned;
  }

  /** The zone of the days by which attempts on its number are counted. */
  zoneOf(call: Waiting): string {
    const window = this.windowsOf(call).find(({ timeZone }) => timeZone !== null);
    return call.timeZone ?? window?.timeZone ?? this.rules.businessZone ?? 'UTC';
  }

  #opening(windows: readonly Window[], recipient: string | null, from: number): Planned | null {
    if (windows.length === 0) return { at: from, closesAt: null };
    const ofWindows = this.#known.get(windows) ?? new Map<string, Planned | null>();
    this.#known.set(windows, ofWindows);
    const key = `${recipient} ${from}`;
    const known = ofWindows.get(key);
    if (known !== undefined) return known;
    const opening = nextOpening(windows, { recipient, business: this.rules.businessZone }, from);
    // The API cannot express later instants.
    const planned =
      opening && opening.opensAt <= MAX_INSTANT
        ? {
            at: opening.opensAt,
            closesAt: opening.closesAt <= MAX_INSTANT ? opening.closesAt : null,
          }
        : null;
    ofWindows.set(key, planned);
    return planned;
  }
}

const ALWAYS: readonly Window[] = [];
