import { type Fields, listOf, textOf, type Warnings } from '../fields.ts';
import type { Moment, ReportedLog } from '../source.ts';
import { type Dialog, isTransferred } from './dialogs.ts';
import { HISTORY_FIELDS } from './known-fields.ts';
import type { Party } from './parties.ts';
import { indicesOf, isIndex, vconInstantOf } from './values.ts';

export interface Presence {
  readonly joinedAt?: Moment;
  readonly leftAt?: Moment;
  readonly leaveReason?: string;
}

interface HistoryEvent {
  readonly party: number;
  readonly event: string;
  readonly time: number;
}

/** Keys are left out: they may be numbers of cards. */
const SILENT: ReadonlySet<string> = new Set(['join', 'drop', 'keydown', 'keyup']);
const LOGGED: Readonly<Record<string, string>> = {
  hold: 'A party was put on hold.',
  unhold: 'A party was taken off hold.',
  mute: 'A party was muted.',
  unmute: 'A party was unmuted.',
};

export function historyOf(dialogs: readonly Dialog[], warnings: Warnings): HistoryEvent[] {
  return dialogs
    .flatMap(({ fields }) => listOf(fields.party_history))
    .flatMap((entry) => readEvent(entry, warnings))
    .sort((a, b) => a.time - b.time);
}

function readEvent(entry: Fields, warnings: Warnings): HistoryEvent[] {
  warnings.unknownFields('party_history.', entry, HISTORY_FIELDS);
  const event = textOf(entry.event) ?? '';
  if (!SILENT.has(event) && !Object.hasOwn(LOGGED, event)) {
    warnings.unknownValue('party_history.event', entry.event);
    return [];
  }
  const time = vconInstantOf(entry.time, warnings);
  return isIndex(entry.party) && time !== null ? [{ party: entry.party, event, time }] : [];
}

/** From the history, else from the transfers; the call's start and end count otherwise. */
export function presenceOf(
  party: number,
  history: readonly HistoryEvent[],
  dialogs: readonly Dialog[],
): Presence {
  const own = history.filter((event) => event.party === party);
  const joined = own.find(({ event }) => event === 'join')?.time;
  const last = own.findLast(({ event }) => event === 'join' || event === 'drop');
  const left = last?.event === 'drop' ? last.time : undefined;
  return {
    ...transferOf(party, dialogs),
    ...(joined !== undefined && { joinedAt: joined }),
    ...(left !== undefined && { leftAt: left }),
  };
}

function transferOf(party: number, dialogs: readonly Dialog[]): Presence {
  for (const transfer of dialogs) {
    if (transfer.type !== 'transfer' || !isTransferred(transfer, dialogs)) continue;
    const starts = indicesOf(transfer.fields.target_dialog).map((index) => dialogs[index]?.start);
    const at = starts.find((start) => typeof start === 'number') ?? transfer.start;
    if (indicesOf(transfer.fields.transfer_target).includes(party)) {
      return at === null ? {} : { joinedAt: at };
    }
    if (transfer.fields.transferor === party) {
      return { ...(at !== null && { leftAt: at }), leaveReason: 'transfer' };
    }
  }
  return {};
}

export const historyLogs = (
  history: readonly HistoryEvent[],
  parties: readonly (Party | null)[],
): ReportedLog[] =>
  history.flatMap(({ party, event, time }) => {
    const message = Object.hasOwn(LOGGED, event) ? LOGGED[event] : undefined;
    if (message === undefined) return [];
    const id = parties[party]?.id;
    return [
      {
        level: 'Info',
        message,
        at: time,
        source: 'vcon',
        ...(id !== undefined && { details: { ParticipantId: id } }),
      },
    ];
  });
