import type { OutputOf } from '@colloquy/sdk';
import { DURATION_CLASSES } from '@colloquy/wire';

export type ListedConversation = OutputOf<'GetConversations'>['Items'][number];
export type Status = ListedConversation['Status'];
export type InitiationType = ListedConversation['InitiationType'];
export type EndType = NonNullable<ListedConversation['EndType']>;

export const LIVE = [
  ...(['Created', 'WaitingForPrimaryClient', 'Starting', 'Active', 'Paused', 'Ending'] as const),
] as const satisfies readonly Status[];

export const isLive = (status: Status): boolean => LIVE.some((live) => live === status);

const STATUSES: Partial<Record<Status, string>> = { WaitingForPrimaryClient: 'Waiting for client' };

const OUTCOMES: Partial<Record<EndType, string>> = {
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
};

/** The label of a name, or else its words. */
const labelsOf =
  (labels: Readonly<Record<string, string>>) =>
  (name: string): string =>
    labels[name] ?? toWords(name);
export const statusText = labelsOf(STATUSES);
export const outcomeText = labelsOf(OUTCOMES);
export const typeText = labelsOf({});

/** "UserNoAnswer" as "User no answer"; other texts are unchanged. */
export function toWords(name: string): string {
  if (!/^[A-Z][a-z]+([A-Z][a-z]+)*$/.test(name)) return name;
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const formatSeconds = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${seconds / 60} min`;

export function formatDurationClass(from: string | number): string {
  const to = DURATION_CLASSES.find((seconds) => seconds > Number(from));
  if (to === undefined) return `${formatSeconds(Number(from))} or more`;
  if (Number(from) === 0) return `under ${formatSeconds(to)}`;
  const first = formatSeconds(Number(from));
  const isSameUnit = first.split(' ')[1] === formatSeconds(to).split(' ')[1];
  return `${isSameUnit ? first.split(' ')[0] : first} to ${formatSeconds(to)}`;
}

interface Named {
  readonly Name?: string | null | undefined;
  readonly PhoneNumber?: string | null | undefined;
}

export const nameOf = ({ Name, PhoneNumber }: Named, id: string): string =>
  visible(Name) || visible(PhoneNumber) || id;

const visible = (text: string | null | undefined): string =>
  text != null && /[^\s\p{C}]/u.test(text) ? text.trim() : '';

export const describeClients = ({ Clients }: Pick<ListedConversation, 'Clients'>): string =>
  Clients.map((client) => nameOf(client, client.ClientId)).join(', ');

export const describeAgents = ({ Agents }: Pick<ListedConversation, 'Agents'>): string =>
  Agents.map((agent) => nameOf(agent, agent.AgentId)).join(', ');

export function durationOf({ StartTime, EndTime }: ListedConversation): number | null {
  return EndTime === null ? null : Date.parse(EndTime) - Date.parse(StartTime);
}

export const hasRecording = ({ Clients, Agents, Recordings }: ListedConversation): boolean =>
  (Recordings?.length ?? 0) > 0 ||
  [...Clients, ...Agents].some(({ AudioUrl }) => AudioUrl !== null);
