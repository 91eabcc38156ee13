import type { OutputOf } from '@colloquy/sdk';
import { DURATION_CLASSES } from '@colloquy/wire';

export type ListedConversation = OutputOf<'GetConversations'>['Items'][number];
export type Status = ListedConversation['Status'];
export type InitiationType = ListedConversation['InitiationType'];
export type EndType = NonNullable<ListedConversation['EndType']>;

/** The statuses of what still goes on. */
export const LIVE = [
  'Created',
  'WaitingForPrimaryClient',
  'Starting',
  'Active',
  'Paused',
  'Ending',
] as const satisfies readonly Status[];

export const isLive = (status: Status): boolean => LIVE.some((live) => live === status);

const STATUSES = {
  Created: 'Created',
  WaitingForPrimaryClient: 'Waiting for client',
  Starting: 'Starting',
  Active: 'Active',
  Paused: 'Paused',
  Ending: 'Ending',
  Completed: 'Completed',
  Failed: 'Failed',
} as const satisfies Readonly<Record<Status, string>>;

const OUTCOMES = {
  Normal: 'Normal',
  UserEndedCall: 'User hung up',
  AgentEndedCall: 'Agent hung up',
  UserDeclinedOrBusy: 'Declined or busy',
  UserNoAnswer: 'No answer',
  VoicemailDetected: 'Voicemail',
  UserSilenceTimeoutReached: 'User silent',
  MaxConversationDurationReached: 'Time limit',
  MidSessionFailure: 'Failed mid-call',
  InitializeError: 'Failed to start',
  ExpiredWaitingForInitialize: 'Never started',
  Transferred: 'Transferred',
  Canceled: 'Canceled',
} as const satisfies Readonly<Record<EndType, string>>;

const TYPES = {
  Inbound: 'Inbound',
  Outbound: 'Outbound',
  Web: 'Web',
} as const satisfies Readonly<Record<InitiationType, string>>;

const labelsOf =
  (labels: Readonly<Record<string, string>>) =>
  (name: string): string =>
    labels[name] ?? inWords(name);
/** A status, a way to end (`EndType`) and a way to begin, as people read them. */
export const statusText = labelsOf(STATUSES);
export const outcomeText = labelsOf(OUTCOMES);
export const typeText = labelsOf(TYPES);

/** "UserNoAnswer" as "User no answer": a name of the contract in words; anything else as it is. */
export function inWords(name: string): string {
  if (!/^[A-Z][a-z]+([A-Z][a-z]+)*$/.test(name)) return name;
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const secondsText = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${seconds / 60} min`;

/** A class of durations in words, by the seconds from which it is. */
export function lengthText(from: string | number): string {
  const to = DURATION_CLASSES.find((seconds) => seconds > Number(from));
  if (to === undefined) return `${secondsText(Number(from))} or more`;
  if (Number(from) === 0) return `under ${secondsText(to)}`;
  // Of two in the same unit the first goes without: "1 to 2 min".
  const first = secondsText(Number(from));
  const isSameUnit = first.split(' ')[1] === secondsText(to).split(' ')[1];
  return `${isSameUnit ? first.split(' ')[0] : first} to ${secondsText(to)}`;
}

interface Named {
  readonly Name?: string | null | undefined;
  readonly PhoneNumber?: string | null | undefined;
}

/** Somebody's name, else their number, else their id: the first in which there is something to see. */
export const nameOf = ({ Name, PhoneNumber }: Named, id: string): string =>
  visible(Name) || visible(PhoneNumber) || id;

/** A text, if there is anything in it to see. */
const visible = (text: string | null | undefined): string =>
  text != null && /[^\s\p{C}]/u.test(text) ? text.trim() : '';

/** Whom the conversation is with: names or numbers, else what they are. */
export const clientText = ({ Clients }: Pick<ListedConversation, 'Clients'>): string =>
  Clients.map((client) => nameOf(client, client.ClientId)).join(', ');

export const agentText = ({ Agents }: Pick<ListedConversation, 'Agents'>): string =>
  Agents.map((agent) => nameOf(agent, agent.AgentId)).join(', ');

/** In milliseconds; null while it goes on. */
export function durationOf({ StartTime, EndTime }: ListedConversation): number | null {
  return EndTime === null ? null : Date.parse(EndTime) - Date.parse(StartTime);
}

export const hasRecording = ({ Clients, Agents, Recordings }: ListedConversation): boolean =>
  (Recordings?.length ?? 0) > 0 ||
  [...Clients, ...Agents].some(({ AudioUrl }) => AudioUrl !== null);
