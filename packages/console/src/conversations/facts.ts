import type { OutputOf } from '@colloquy/sdk';
import { DURATION_CLASSES } from '@colloquy/wire';

export type ListedConversation = OutputOf<'GetConversations'>['Items'][number];
export type Status = ListedConversation['Status'];
export type InitiationType = ListedConversation['InitiationType'];

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

/** Whom the conversation is with: names or numbers, else what they are. */
export function clientText({ Clients }: Pick<ListedConversation, 'Clients'>): string {
  const names = Clients.map(({ Name, PhoneNumber, ClientId }) => Name ?? PhoneNumber ?? ClientId);
  return names.join(', ');
}

export const agentText = ({ Agents }: Pick<ListedConversation, 'Agents'>): string =>
  Agents.map(({ Name, AgentId }) => Name ?? AgentId).join(', ');

/** In milliseconds; null while it goes on. */
export function durationOf({ StartTime, EndTime }: ListedConversation): number | null {
  return EndTime === null ? null : Date.parse(EndTime) - Date.parse(StartTime);
}

export const hasRecording = ({ Clients, Agents, Recordings }: ListedConversation): boolean =>
  (Recordings?.length ?? 0) > 0 ||
  [...Clients, ...Agents].some(({ AudioUrl }) => AudioUrl !== null);
