import { textOf, type Warnings } from '../../fields.ts';
import type { Dialog } from '../dialogs.ts';
import { mailOf, nameOf, type Party, phoneOf, type Side, sideOfRole } from '../parties.ts';
import { indicesOf } from '../values.ts';
import type { SpeakerName } from './segments.ts';

const VOICE = /^(?:speaker|spk|voice|channel|ch|participant|party)?[\s_-]*(\d{1,3}|[a-z])$/i;

export interface SpeakersOptions {
  readonly parties: readonly (Party | null)[];
  /** Those whom the transcript is of. */
  readonly dialog: Dialog | null;
  readonly warnings: Warnings;
}

/** Finds the parties whom a transcript names. */
export class Speakers {
  readonly #parties: readonly (Party | null)[];
  readonly #ofDialog: readonly Party[];
  readonly #ofChannels: readonly unknown[];
  readonly #byName = new Map<string, Party>();
  readonly #bySide = new Map<Side, Party>();
  readonly #warnings: Warnings;

  constructor({ parties, dialog, warnings }: SpeakersOptions) {
    this.#parties = parties;
    const all = parties.filter((party) => party !== null);
    const present = (dialog?.parties ?? []).map((index) => parties[index] ?? null);
    const known = present.filter((party) => party !== null);
    this.#ofDialog = known.length > 0 ? known : all;
    const channels = dialog?.fields.parties;
    this.#ofChannels = Array.isArray(channels) ? channels : [channels];
    this.#warnings = warnings;
    // The first one counts, so those of the dialog come first, and whole names before first names.
    const candidates = [...this.#ofDialog, ...all];
    for (const party of candidates) {
      if (!this.#bySide.has(party.side)) this.#bySide.set(party.side, party);
    }
    for (const namesOf of [wholeNamesOf, firstNameOf]) {
      for (const party of candidates) {
        for (const name of namesOf(party)) this.#addName(name, party);
      }
    }
  }

  #addName(name: string | null, party: Party): void {
    const word = name?.trim().toLowerCase() ?? '';
    if (word !== '' && !this.#byName.has(word)) this.#byName.set(word, party);
  }

  find(speaker: SpeakerName | null, voices: ReadonlySet<number>): Party | null {
    if (speaker === null) return this.#ofDialog.length === 1 ? (this.#ofDialog[0] ?? null) : null;
    if (speaker.kind === 'Party') {
      const [index] = indicesOf(speaker.value);
      if (index !== undefined) return this.#parties[index] ?? null;
    }
    if (speaker.kind === 'Channel') {
      const channel = voiceOf(speaker.value);
      const indices = channel === null ? [] : indicesOf(this.#ofChannels[channel]);
      return indices.length === 1 ? (this.#parties[indices[0] ?? -1] ?? null) : null;
    }
    const label = textOf(speaker.value);
    return label === null ? null : (this.named(label) ?? this.#byVoice(label, voices));
  }

  named(label: string): Party | null {
    const word = label.trim().toLowerCase();
    const side = sideOfRole(word);
    return this.#byName.get(word) ?? (side === null ? null : (this.#bySide.get(side) ?? null));
  }

  /** Whose voice it is has to be guessed. One voice of several parties was not told apart at all. */
  #byVoice(label: string, voices: ReadonlySet<number>): Party | null {
    const voice = voiceOf(label);
    if (voice === null || (voices.size === 1 && this.#ofDialog.length > 1)) return null;
    // Some count from one.
    const party = this.#ofDialog[voices.has(0) ? voice : voice - 1];
    if (!party) return null;
    this.#warnings.add('A transcript numbers its speakers; the order of the parties was assumed.');
    return party;
  }
}

const wholeNamesOf = ({ id, fields }: Party) => [
  id,
  nameOf(fields),
  phoneOf(fields),
  mailOf(fields),
  textOf(fields.uuid),
];

const firstNameOf = ({ fields }: Party) => [nameOf(fields)?.trim().split(/\s+/)[0] ?? null];

/** Of `1`, `Speaker 1`, `spk_1` or `B`. */
export function voiceOf(label: unknown): number | null {
  const voice = VOICE.exec((textOf(label) ?? '').trim())?.[1];
  if (voice === undefined) return null;
  return /\d/.test(voice) ? Number(voice) : voice.toLowerCase().charCodeAt(0) - 97;
}
