import type { ReportedMessage } from '../source.ts';
import type { Delta, SessionLog } from './session-log.ts';

/** The transcripts of a translation session have no turns, so a pause ends a message. */
const PAUSE_MILLISECONDS = 2000;

interface Utterance {
  readonly deltas: Delta[];
  readonly role: 'User' | 'Agent';
}

export function translatedMessages({ spoken, translated }: SessionLog): ReportedMessage[] {
  return [...utterancesOf(spoken, 'User'), ...utterancesOf(translated, 'Agent')]
    .sort((a, b) => startOf(a) - startOf(b))
    .map(({ deltas, role }): ReportedMessage => {
      const endedAt = deltas.at(-1)?.moment ?? null;
      return {
        senderId: null,
        role,
        content: deltas
          .map(({ text }) => text)
          .join('')
          .trim(),
        at: deltas[0]?.moment ?? null,
        ...(endedAt !== null && { endedAt }),
      };
    })
    .filter(({ content }) => content !== '');
}

const startOf = ({ deltas }: Utterance) => deltas[0]?.elapsedMs ?? 0;

function utterancesOf(deltas: readonly Delta[], role: Utterance['role']): Utterance[] {
  const utterances: Utterance[] = [];
  let before: number | null = null;
  for (const delta of deltas) {
    const pause = before === null ? 0 : (delta.elapsedMs ?? before) - before;
    const last = utterances.at(-1);
    if (last && pause < PAUSE_MILLISECONDS) last.deltas.push(delta);
    else utterances.push({ role, deltas: [delta] });
    before = delta.elapsedMs ?? before;
  }
  return utterances;
}
