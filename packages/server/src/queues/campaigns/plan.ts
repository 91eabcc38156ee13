import { MAX_INSTANT } from '../../kernel/instant.ts';
import type { Call, Campaign } from '../calls/call.ts';
import { nextOpening, type Window } from './windows.ts';

/** When a call is due next. */
export interface Planned {
  readonly at: number;
  /** The end of the window that `at` lies in; null where it never closes. */
  readonly closesAt: number | null;
}

/** The rules by which due times of a queue are found. */
export interface Rules {
  /** Their number: a call that was planned by others is planned anew before it is handed out. */
  readonly plan: number;
  readonly businessZone: string | null;
  readonly campaigns: ReadonlyMap<string, Campaign>;
}

type Waiting = Pick<Call, 'direction' | 'expiresAt'> & {
  readonly campaignId?: string | null;
  readonly windows?: readonly Window[] | null;
  readonly timeZone?: string | null;
};

/** Finds due times; many calls of one request share their windows, zone and instant. */
export class Planner {
  readonly rules: Rules;
  readonly #known = new Map<readonly Window[], Map<string, Planned | null>>();

  constructor(rules: Rules) {
    this.rules = rules;
  }

  campaignOf(call: Waiting): Campaign | null {
    return (call.campaignId != null && this.rules.campaigns.get(call.campaignId)) || null;
  }

  /** How many calls of its campaign may be under way; null without a limit. */
  limitOf(call: Waiting): number | null {
    return this.campaignOf(call)?.maxConcurrent ?? null;
  }

  /** How many attempts its number may have in a day of its zone; null without a cap. */
  capOf(call: Waiting): number | null {
    return this.campaignOf(call)?.maxAttemptsPerNumberPerDay ?? null;
  }

  windowsOf(call: Waiting): readonly Window[] {
    return call.windows ?? this.campaignOf(call)?.windows ?? ALWAYS;
  }

  /** The first instant from `from` on at which the call may be made; null where it expires before. */
  next(call: Waiting, from: number): Planned | null {
    const planned = this.#opening(this.windowsOf(call), call.timeZone ?? null, from);
    const isLate = planned !== null && call.expiresAt !== null && planned.at >= call.expiresAt;
    return isLate ? null : planned;
  }

  /** The zone whose days count for the number of a call. */
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
    // What lies beyond the years that the API knows does not come.
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
