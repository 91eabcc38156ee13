import { useCallback, useSyncExternalStore } from 'react';
import type { Span } from './timeline.ts';

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3] as const;

/** Times in milliseconds. */
interface Track {
  readonly element: HTMLAudioElement;
  offset: number;
  origin: number;
}

/** The time of the first sample of a source, in seconds: not 0 if the recorder joined a stream late. */
interface Beginning {
  readonly source: string;
  readonly origin: number;
  /** Before the first sample is decoded, the element may still be at 0. */
  isKnown: boolean;
}

interface PlayerState {
  /** Milliseconds from the start of the conversation. */
  readonly time: number;
  readonly isPlaying: boolean;
  readonly rate: number;
  readonly skipsSilence: boolean;
  readonly isWaiting: boolean;
  readonly hasBegun: boolean;
  readonly seeks: number;
}

/** Tracks that differ by more are synchronized again. */
const MAX_DRIFT_SECONDS = 0.08;
/** Seconds; this close to its end a recording is not waited for. */
const END_SECONDS = 0.25;
const WAITING_NOTICE_MILLISECONDS = 500;

/**
 * Plays all recordings on one clock: that of the first audible track, or else the frame time. Time
 * stops while an audible track has no data. The owner removes tracks that cannot be played.
 */
export class Player {
  #state: PlayerState = {
    time: 0,
    isPlaying: false,
    rate: 1,
    skipsSilence: false,
    isWaiting: false,
    hasBegun: false,
    seeks: 0,
  };
  readonly #listeners = new Set<() => void>();
  readonly #tracks = new Map<string, Track>();
  readonly #beginnings = new WeakMap<HTMLAudioElement, Beginning>();
  #silences: readonly Span[] = [];
  #length = 1;
  #frame = 0;
  #lastFrame = 0;
  #advancedAt = 0;

  get state(): PlayerState {
    return this.#state;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  setLength(length: number): void {
    this.#length = length;
  }

  setSilences(silences: readonly Span[]): void {
    this.#silences = silences;
  }

  setTrack(id: string, element: HTMLAudioElement | null, offset: number): void {
    const known = this.#tracks.get(id);
    if (!element || known?.element !== element) {
      known?.element.removeEventListener('loadedmetadata', this.#onMetadata);
    }
    if (!element) {
      this.#tracks.delete(id);
      return;
    }
    if (known?.element === element) known.offset = offset;
    else {
      this.#tracks.set(id, { element, offset, origin: this.#originOf(element) });
      element.addEventListener('loadedmetadata', this.#onMetadata);
    }
    setPlaybackRate(element, this.#state.rate);
    element.preservesPitch = true;
  }

  play(): void {
    if (this.#state.isPlaying) return;
    const time = this.#state.time >= this.#length ? 0 : this.#state.time;
    this.#set({ isPlaying: true, time, hasBegun: true });
    this.#lastFrame = performance.now();
    this.#advancedAt = this.#lastFrame;
    this.#align();
    this.#frame = requestAnimationFrame(this.#tick);
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    for (const { element } of this.#tracks.values()) element.pause();
    if (this.#state.isPlaying) this.#set({ isPlaying: false, isWaiting: false });
  }

  toggle(): void {
    if (this.#state.isPlaying) this.pause();
    else this.play();
  }

  seek(time: number): void {
    this.#set({
      time: Math.min(Math.max(time, 0), this.#length),
      hasBegun: true,
      seeks: this.#state.seeks + 1,
    });
    this.#align(true);
  }

  readonly playFrom = (time: number): void => {
    this.seek(time);
    this.play();
  };

  setRate(rate: number): void {
    this.#set({ rate });
    for (const { element } of this.#tracks.values()) setPlaybackRate(element, rate);
  }

  stepRate(step: 1 | -1): void {
    const at = RATES.findIndex((rate) => rate >= this.#state.rate);
    this.setRate(RATES[at + step] ?? this.#state.rate);
  }

  setSkipsSilence(skipsSilence: boolean): void {
    this.#set({ skipsSilence });
  }

  #set(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  #align(isSeek = false): void {
    const { time, isPlaying } = this.#state;
    const isWaitingNow = this.#isWaiting();
    for (const track of this.#tracks.values()) {
      const { element, offset } = track;
      track.origin = this.#originOf(element);
      if (!isAudibleAt(track, time)) {
        element.pause();
        continue;
      }
      const wanted = (time - offset) / 1000 + track.origin;
      // A seeking track would never arrive if each frame moved it; loading metadata resets the time.
      const isKnown = element.readyState >= HTMLMediaElement.HAVE_METADATA;
      const mayMove = isKnown && (isSeek || !element.seeking);
      if (mayMove && Math.abs(element.currentTime - wanted) > MAX_DRIFT_SECONDS) {
        element.currentTime = wanted;
        const beginning = this.#beginnings.get(element);
        if (beginning) beginning.isKnown = true;
      }
      if (!isPlaying) continue;
      // A track that is waited for keeps playing, or the browser might not load it.
      if (isWaitingNow && !isWaitingAt(track, time)) element.pause();
      else if (element.paused && !element.error) element.play().catch(this.#onRefused);
    }
  }

  readonly #onMetadata = (): void => this.#align(true);

  /** Reads the origin before the element is first moved, which may be before its event. */
  #originOf(element: HTMLAudioElement): number {
    const found = this.#beginnings.get(element);
    if (found?.source === element.currentSrc && found.isKnown) return found.origin;
    if (element.readyState < HTMLMediaElement.HAVE_METADATA) return 0;
    const { currentSrc: source, currentTime: origin } = element;
    const isKnown = element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    this.#beginnings.set(element, { source, origin, isKnown });
    return origin;
  }

  #isWaiting(): boolean {
    return [...this.#tracks.values()].some((track) => isWaitingAt(track, this.#state.time));
  }

  /** Load errors have other events; here the browser may require a click before playing. */
  readonly #onRefused = (error: unknown): void => {
    if (error instanceof DOMException && error.name === 'NotAllowedError') this.pause();
  };

  readonly #tick = (now: number): void => {
    const { time, rate, skipsSilence } = this.#state;
    const passed = Math.max(0, now - this.#lastFrame) * rate;
    this.#lastFrame = now;
    for (const track of this.#tracks.values()) track.origin = this.#originOf(track.element);
    const leader = [...this.#tracks.values()].find(
      (track) => isAudibleAt(track, time) && !track.element.paused && !track.element.ended,
    );
    let next = time + passed;
    const isWaitingNow = this.#isWaiting();
    if (!isWaitingNow) this.#advancedAt = now;
    if (isWaitingNow) next = time;
    else if (leader) next = (leader.element.currentTime - leader.origin) * 1000 + leader.offset;
    if (skipsSilence) {
      const silence = this.#silences.find(({ from, to }) => next >= from && next < to - 200);
      if (silence) next = silence.to;
    }
    const isOver = next >= this.#length;
    const isWaiting = now - this.#advancedAt > WAITING_NOTICE_MILLISECONDS;
    this.#set({ time: Math.min(next, this.#length), isWaiting });
    if (isOver) {
      this.pause();
      return;
    }
    this.#align();
    this.#frame = requestAnimationFrame(this.#tick);
  };
}

function isAudibleAt({ element, offset, origin }: Track, time: number): boolean {
  const wanted = (time - offset) / 1000;
  // The duration of some containers is unknown until they have been played.
  const isOver = element.ended && wanted >= element.currentTime - origin - MAX_DRIFT_SECONDS;
  return wanted >= 0 && !(wanted >= element.duration - origin) && !isOver;
}

function isWaitingAt(track: Track, time: number): boolean {
  const { element, offset, origin } = track;
  if (!isAudibleAt(track, time)) return false;
  if ((time - offset) / 1000 > element.duration - origin - END_SECONDS) return false;
  return element.error !== null || element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
}

/** Sets the default too, which the element uses after its URL changes. */
function setPlaybackRate(element: HTMLAudioElement, rate: number): void {
  element.defaultPlaybackRate = rate;
  element.playbackRate = rate;
}

export function usePlayer<T extends string | number | boolean | null>(
  player: Player,
  select: (state: PlayerState) => T,
): T {
  return useSyncExternalStore(
    player.subscribe,
    useCallback(() => select(player.state), [player, select]),
  );
}
