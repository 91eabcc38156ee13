import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Word } from './conversation.ts';

export type VoiceName = 'slt' | 'rms' | 'awb';

/** The sample rate of flite's voices, with a whole number of samples per millisecond. */
export const SAMPLES_PER_MS = 16;

export interface Utterance {
  samples: Int16Array;
  durationMs: number;
  /** null if the sounds cannot be matched to the words reliably. */
  words: Word[] | null;
}

interface Sound {
  phone: string;
  endMs: number;
}

/** Sound before the first and after the last phone. */
const MARGIN_MS = 20;
const FADE_MS = 5;
const VOWELS = new Set('aa ae ah ao aw ax axr ay eh er ey ih iy ow oy uh uw'.split(' '));

/** Speaks with flite, whose list of phones gives the time of each word. */
export class FliteVoice {
  static readonly #phonesOfToken = new Map<string, string[]>();
  readonly #name: VoiceName;

  constructor(name: VoiceName) {
    this.#name = name;
  }

  speak(text: string): Utterance {
    const folder = mkdtempSync(join(tmpdir(), 'flite-'));
    try {
      const path = join(folder, 'speech.wav');
      const sounds = parseSounds(this.#flite('-psdur', '-t', speakable(text), '-o', path));
      return cutOut(wavSamples(readFileSync(path)), sounds, text, (token) => this.#phones(token));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** The phones of a single word, cached because all voices share a lexicon. */
  #phones(token: string): string[] {
    const known = FliteVoice.#phonesOfToken.get(token);
    if (known) return known;
    const output = this.#flite('-ps', '-t', token, 'none');
    const phones = output.trim().split(/\s+/);
    const spoken = phones.filter((phone) => phone !== '' && phone !== 'pau');
    FliteVoice.#phonesOfToken.set(token, spoken);
    return spoken;
  }

  #flite(...options: string[]): string {
    return execFileSync('flite', ['-voice', this.#name, ...options], { encoding: 'utf8' });
  }
}

/** The utterance up to and including its word at `index`. */
export function cutAfterWord(utterance: Utterance, index: number): Utterance {
  const words = utterance.words?.slice(0, index + 1) ?? null;
  const durationMs = words?.at(-1)?.EndMs ?? utterance.durationMs;
  const samples = utterance.samples.slice(0, durationMs * SAMPLES_PER_MS);
  fade(samples);
  return { samples, durationMs, words };
}

/** Removes characters that flite reads aloud or mispronounces. */
function speakable(text: string): string {
  return text.replaceAll(/[[\]*_"]/g, ' ').replaceAll('&', ' and ');
}

function cutOut(
  samples: Int16Array,
  sounds: Sound[],
  text: string,
  phonesOf: (token: string) => string[],
): Utterance {
  const firstSpoken = sounds.findIndex((sound) => sound.phone !== 'pau');
  const lastSpoken = sounds.findLastIndex((sound) => sound.phone !== 'pau');
  if (firstSpoken < 0) throw new Error(`flite found nothing to say in "${text}".`);
  const lengthMs = Math.floor(samples.length / SAMPLES_PER_MS);
  const fromMs = Math.max(0, (sounds[firstSpoken - 1]?.endMs ?? 0) - MARGIN_MS);
  const toMs = Math.min(lengthMs, (sounds[lastSpoken]?.endMs ?? lengthMs) + MARGIN_MS);
  const cut = samples.slice(fromMs * SAMPLES_PER_MS, toMs * SAMPLES_PER_MS);
  fade(cut);
  const words = alignWords(text, sounds, phonesOf, fromMs);
  return { samples: cut, durationMs: toMs - fromMs, words };
}

/** Matches words to sounds in order; null at the first mismatch. */
function alignWords(
  text: string,
  sounds: Sound[],
  phonesOf: (token: string) => string[],
  offsetMs: number,
): Word[] | null {
  const words: Word[] = [];
  let next = 0;
  const skipPauses = () => {
    while (sounds[next]?.phone === 'pau') next += 1;
  };
  for (const word of text.split(/\s+/).filter((token) => token !== '')) {
    const token = word.replaceAll(/^[^\w$]+|[^\w%]+$/g, '');
    if (token === '') return null;
    skipPauses();
    const startMs = sounds[next - 1]?.endMs ?? 0;
    for (const phone of phonesOf(token)) {
      skipPauses();
      const sound = sounds[next];
      if (!sound || !soundsLike(sound.phone, phone)) return null;
      next += 1;
    }
    const endMs = sounds[next - 1]?.endMs ?? 0;
    words.push({ Word: word, StartMs: startMs - offsetMs, EndMs: endMs - offsetMs });
  }
  skipPauses();
  return next === sounds.length ? words : null;
}

/** Compares consonants only, because vowels weaken within a sentence ("a", "the"). */
function soundsLike(heard: string, expected: string): boolean {
  return heard === expected || (VOWELS.has(heard) && VOWELS.has(expected));
}

function parseSounds(output: string): Sound[] {
  return [...output.matchAll(/(\w+):(\d+\.\d+)/g)].map(([, phone, end]) => ({
    phone: phone ?? '',
    endMs: Math.round(Number(end) * 1000),
  }));
}

function wavSamples(wav: Buffer): Int16Array {
  const header = wav.indexOf('data') + 8;
  const count = Math.floor((wav.length - header) / 2);
  return Int16Array.from({ length: count }, (_, index) => wav.readInt16LE(header + index * 2));
}

/** Fades the edges, which would click otherwise. */
function fade(samples: Int16Array): void {
  const length = Math.min(FADE_MS * SAMPLES_PER_MS, Math.floor(samples.length / 2));
  for (let index = 0; index < length; index += 1) {
    const end = samples.length - 1 - index;
    samples[index] = ((samples[index] ?? 0) * index) / length;
    samples[end] = ((samples[end] ?? 0) * index) / length;
  }
}
