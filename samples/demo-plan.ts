import type { EndType, InitiationType } from './conversation.ts';
import type { SeededRandom } from './seeded-random.ts';

/** The course of a call; its dialogue is chosen later. */
export interface CallPlan {
  initiation: InitiationType;
  source: 'sgd' | 'taskmaster4' | 'primock57';
  ending: EndType | Live;
  interrupted?: boolean;
  /** A person takes over after the transfer, within this conversation. */
  colleague?: boolean;
  mixed?: boolean;
  /** Use this dialogue instead of the next one of its data set. */
  upstreamId?: string;
}

export type Live = 'Active' | 'Paused' | 'WaitingForPrimaryClient';

export const DEMO_DAYS = 30;

const PLANS: [count: number, plan: CallPlan][] = [
  [1, { initiation: 'Inbound', source: 'sgd', ending: 'Normal', mixed: true }],
  [11, { initiation: 'Inbound', source: 'sgd', ending: 'Normal' }],
  [3, { initiation: 'Inbound', source: 'sgd', ending: 'Normal', interrupted: true }],
  [5, { initiation: 'Outbound', source: 'sgd', ending: 'Normal' }],
  [1, { initiation: 'Outbound', source: 'sgd', ending: 'Normal', interrupted: true }],
  [5, { initiation: 'Web', source: 'sgd', ending: 'Normal' }],
  [4, { initiation: 'Web', source: 'taskmaster4', ending: 'Normal' }],
  [
    1,
    {
      initiation: 'Web',
      source: 'primock57',
      ending: 'Normal',
      upstreamId: 'day3_consultation06',
      mixed: true,
    },
  ],
  [
    1,
    {
      initiation: 'Web',
      source: 'primock57',
      ending: 'MaxConversationDurationReached',
      upstreamId: 'day2_consultation01',
    },
  ],
  [
    1,
    {
      initiation: 'Web',
      source: 'primock57',
      ending: 'MidSessionFailure',
      upstreamId: 'day4_consultation03',
    },
  ],
  [4, { initiation: 'Inbound', source: 'sgd', ending: 'UserEndedCall' }],
  [1, { initiation: 'Outbound', source: 'sgd', ending: 'UserEndedCall', interrupted: true }],
  [2, { initiation: 'Web', source: 'sgd', ending: 'UserEndedCall' }],
  [3, { initiation: 'Inbound', source: 'sgd', ending: 'AgentEndedCall' }],
  [2, { initiation: 'Inbound', source: 'sgd', ending: 'Transferred', colleague: true }],
  [1, { initiation: 'Web', source: 'sgd', ending: 'Transferred', colleague: true }],
  [2, { initiation: 'Inbound', source: 'sgd', ending: 'Transferred' }],
  [2, { initiation: 'Inbound', source: 'sgd', ending: 'UserSilenceTimeoutReached' }],
  [1, { initiation: 'Web', source: 'sgd', ending: 'UserSilenceTimeoutReached' }],
  [
    1,
    {
      initiation: 'Web',
      source: 'primock57',
      ending: 'MaxConversationDurationReached',
      upstreamId: 'day5_consultation12',
    },
  ],
  [2, { initiation: 'Inbound', source: 'sgd', ending: 'MidSessionFailure' }],
  [4, { initiation: 'Outbound', source: 'sgd', ending: 'VoicemailDetected' }],
  [6, { initiation: 'Outbound', source: 'sgd', ending: 'UserNoAnswer' }],
  [4, { initiation: 'Outbound', source: 'sgd', ending: 'UserDeclinedOrBusy' }],
  [3, { initiation: 'Outbound', source: 'sgd', ending: 'Canceled' }],
  [2, { initiation: 'Inbound', source: 'sgd', ending: 'InitializeError' }],
  [1, { initiation: 'Web', source: 'sgd', ending: 'ExpiredWaitingForInitialize' }],
  [3, { initiation: 'Inbound', source: 'sgd', ending: 'Active' }],
  [1, { initiation: 'Web', source: 'sgd', ending: 'Active' }],
  [1, { initiation: 'Outbound', source: 'sgd', ending: 'Active' }],
  [1, { initiation: 'Inbound', source: 'sgd', ending: 'Paused' }],
  [1, { initiation: 'Outbound', source: 'sgd', ending: 'WaitingForPrimaryClient' }],
];

/** Calls per hour of the day in UTC, for clients in North America. */
const CALLS_BY_HOUR = [3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 8, 10, 9, 8, 8, 9, 10, 8, 6, 4];
const MAX_CALLS_PER_HOUR = 10;
const WEEKEND_SHARE = 0.25;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Prevents finished calls from overlapping with each other and with live ones. */
const MIN_APART_MS = 8 * MINUTE_MS;

export function isLive(ending: CallPlan['ending']): ending is Live {
  return ending === 'Active' || ending === 'Paused' || ending === 'WaitingForPrimaryClient';
}

export function listPlans(): CallPlan[] {
  return PLANS.flatMap(([count, plan]) => Array.from({ length: count }, () => plan));
}

/** `count` distinct start times in the 30 days before the anchor, most in business hours. */
export function chooseStartTimes(count: number, anchorMs: number, random: SeededRandom): number[] {
  const newest = anchorMs - 12 * MINUTE_MS;
  const chosen = [newest, newest - 11 * MINUTE_MS - 4_321];
  while (chosen.length < count) {
    const start = Math.floor(newest - random.next() * (DEMO_DAYS * DAY_MS - DAY_MS / 2));
    const date = new Date(start);
    const isWeekend = date.getUTCDay() === 0 || date.getUTCDay() === 6;
    const likelihood = (CALLS_BY_HOUR[date.getUTCHours()] ?? 0) / MAX_CALLS_PER_HOUR;
    const accepted = random.next() < likelihood * (isWeekend ? WEEKEND_SHARE : 1);
    const isFree = chosen.every((other) => Math.abs(other - start) >= MIN_APART_MS);
    if (accepted && isFree) chosen.push(start);
  }
  return chosen;
}
