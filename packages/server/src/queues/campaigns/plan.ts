import { DEFAULT_ABANDON_SECONDS } from '@colloquy/wire';
import { MAX_INSTANT } from '../../kernel/instant.ts';
import type { Call, Campaign, OutboundCall, Retry } from '../calls/call.ts';
import { localDay, nextOpening, type Window } from './windows.ts';

export interface Planned {
  readonly at: number;
  readonly closesAt: number | null;
}

export interface Rules {
  /** A call with an earlier plan gets a new due time before it is leased. */
  readonly plan: number;
  readonly businessZone: string | null;
  readonly campaigns: ReadonlyMap<string, Campaign>;
}

type Waiting = Pick<Call, 'expiresAt'> &
  Partial<Pick<OutboundCall, 'campaignId' | 'windows' | 'timeZone' | 'retry'>>;

export interface NumberDay {
  readonly campaignId: string;
  readonly number: string;
  readonly day: string;
}

/** With a cache: most calls of a request share windows, zone and instant. */
export class Planner {
  readonly rules: Rules;
  readonly #known = new Map<readonly Window[], Map<string, Planned | null>>();

  constructor(rules: Rules) {
    this.rules = rules;
  }

  campaignOf(call: Waiting): Campaign | null {
    return (call.campaignId != null && this.rules.campaigns.get(call.campaignId)) || null;
  }

  limitOf(call: Waiting): number | null {
    return this.campaignOf(call)?.maxConcurrent ?? null;
  }

  capOf(call: Waiting): number | null {
    return this.campaignOf(call)?.maxAttemptsPerNumberPerDay ?? null;
  }

  retryOf(call: Waiting): Retry | null {
    return call.retry ?? this.campaignOf(call)?.retry ?? null;
  }

  abandonSecondsOf(call: Waiting): number {
    return this.campaignOf(call)?.abandonAfterSeconds ?? DEFAULT_ABANDON_SECONDS;
  }

  windowsOf(call: Waiting): readonly Window[] {
    return call.windows ?? this.campaignOf(call)?.windows ?? ALWAYS;
  }

  /** null if the call expires before it may be made. */
  next(call: Waiting, from: number): Planned | null {
    const planned = this.#opening(this.windowsOf(call), call.timeZone ?? null, from);
    const isLate = planned !== null && call.expiresAt !== null && planned.at >= call.expiresAt;
    return isLate ? null : planned;
  }

  zoneOf(call: Waiting): string {
    const window = this.windowsOf(call).find(({ timeZone }) => timeZone !== null);
    return call.timeZone ?? window?.timeZone ?? this.rules.businessZone ?? 'UTC';
  }

  numberDayOf(call: Call, at: number): NumberDay | null {
    const campaign = this.campaignOf(call);
    if (call.direction === 'inbound' || !campaign) return null;
    const day = localDay(this.zoneOf(call), at);
    return { campaignId: campaign.id, number: call.recipientNumber, day };
  }

  #opening(windows: readonly Window[], recipient: string | null, from: number): Planned | null {
    if (windows.length === 0) return { at: from, closesAt: null };
    const ofWindows = this.#known.get(windows) ?? new Map<string, Planned | null>();
    this.#known.set(windows, ofWindows);
    const key = `${recipient} ${from}`;
    const known = ofWindows.get(key);
    if (known !== undefined) return known;
    const opening = nextOpening(windows, { recipient, business: this.rules.businessZone }, from);
    let planned: Planned | null = null;
    // The API cannot express later instants.
    if (opening && opening.opensAt <= MAX_INSTANT) {
      const closesAt = opening.closesAt <= MAX_INSTANT ? opening.closesAt : null;
      planned = { at: opening.opensAt, closesAt };
    }
    ofWindows.set(key, planned);
    return planned;
  }
}

const ALWAYS: readonly Window[] = [];
export const NO_RULES = new Planner({ plan: 0, businessZone: null, campaigns: new Map() });
