import type { EventType } from './conversation.ts';

/** The change log has a letter for each appended event. */
const LETTERS: Readonly<Record<EventType, string>> = {
  started: 'S',
  clientJoined: 'C',
  clientLeft: 'c',
  agentJoined: 'A',
  agentLeft: 'a',
  message: 'M',
  log: 'L',
  statusChanged: 'T',
  ended: 'E',
  written: 'W',
};

const TYPES = new Map(Object.entries(LETTERS).map(([type, letter]) => [letter, type as EventType]));

export const eventLetters = (events: readonly { readonly type: EventType }[]): string =>
  events.map(({ type }) => LETTERS[type]).join('');

export function eventTypesOf(letters: string): EventType[] {
  return [...letters].map((letter) => {
    const type = TYPES.get(letter);
    if (type === undefined) throw new Error(`${letter} stands for no event`);
    return type;
  });
}
