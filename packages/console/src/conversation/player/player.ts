import { useCallback, useSyncExternalStore } from 'react';
import type { Span } from './timeline.ts';

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3] as const;

/** A recording that sounds: the element that plays it, and when it begins, in milliseconds. */
interface Track {
  readonly element: HTMLAudioElement;
  offset: number;
  /** Where the element's own time begins, in seconds: not at 0 if the recorder joined a stream late. */
  origin: number;
}

interface PlayerState {
  /** Milliseconds from the start of the conversation. */
  readonly time: number;
  readonly isPlaying: boolean;
  readonly rate: number;
  readonly skipsSilence: boolean;
  /** It plays, and has been waiting for a recording for so long that one asks oneself why. */
  readonly isWaiting: boolean;
  /** Whether the time is one that somebody went to or listened to. */
  readonly hasBegun: boolean;
  /** How often somebody has gone to a time. */
  readonly seeks: number;
}

/** Farther apart than this, in seconds, recordings that play together are put in step again. */
const DRIFT = 0.08;
/** So near to its end, in seconds, nothing more of a recording is waited for. */
const LAST = 0.25;
const NOTICED_MILLISECONDS = 500;

/**
 * Plays the recordings of a conversation together, on one clock: that of the conversation. The track
 * that sounds first keeps the time, and the others follow it; where none sounds the time goes on by
 * itself. While one that should sound has nothing to play yet, the time stands still and the others
 * wait for it. One that cannot be played at all is for whoever gave it to take away.
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
  #silences: readonly Span[] = [];
  #length = 1;
  #frame = 0;
  #lastFrame = 0;
  /** When the time last went on. */
  #wentOnAt = 0;

  get state(): PlayerState {
    return this.#state;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What it plays up to. */
  setLength(length: number): void {
    this.#length = length;
  }

  /** What it may pass over. */
  setSilences(silences: readonly Span[]): void {
    this.#silences = silences;
  }

  /** Adds a track, or takes it away where there is no element. */
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
      this.#tracks.set(id, { element, offset, origin: originOf(element) });
      element.addEventListener('loadedmetadata', this.#onMetadata);
    }
    setRateOf(element, this.#state.rate);
    element.preservesPitch = true;
  }

  play(): void {
    if (this.#state.isPlaying) return;
    const time = this.#state.time >= this.#length ? 0 : this.#state.time;
    this.#set({ isPlaying: true, time, hasBegun: true });
    this.#lastFrame = performance.now();
    this.#wentOnAt = this.#lastFrame;
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

  setRate(rate: number): void {
    this.#set({ rate });
    for (const { element } of this.#tracks.values()) setRateOf(element, rate);
  }

  /** To the next rate that it knows, faster (1) or slower (-1). */
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

  /** Has each track sound, or be silent, as the time says; `isSought` where it was set by somebody. */
  #align(isSought = false): void {
    const { time, isPlaying } = this.#state;
    const isHeld = this.#isHeld();
    for (const track of this.#tracks.values()) {
      const { element, offset, origin } = track;
      if (!soundsAt(track, time)) {
        element.pause();
        continue;
      }
      const wanted = (time - offset) / 1000 + origin;
      // One that is on its way somewhere would never arrive if it were sent anew with each frame.
      // Before its metadata is there, its own time would be overwritten.
      const isKnown = element.readyState >= HTMLMediaElement.HAVE_METADATA;
      const mayMove = isKnown && (isSought || !element.seeking);
      if (mayMove && Math.abs(element.currentTime - wanted) > DRIFT) element.currentTime = wanted;
      if (!isPlaying) continue;
      // What is waited for is played, or the browser might not load it.
      if (isHeld && !waitsAt(track, time)) element.pause();
      else if (element.paused && !element.error) element.play().catch(this.#onRefused);
    }
  }

  readonly #onMetadata = ({ currentTarget }: Event): void => {
    for (const track of this.#tracks.values()) {
      if (track.element === currentTarget) track.origin = originOf(track.element);
    }
    this.#align(true);
  };

  #isHeld(): boolean {
    return [...this.#tracks.values()].some((track) => waitsAt(track, this.#state.time));
  }

  /** Why a recording does not load is its element's own event; a browser may want a click first. */
  readonly #onRefused = (error: unknown): void => {
    if (error instanceof DOMException && error.name === 'NotAllowedError') this.pause();
  };

  readonly #tick = (now: number): void => {
    const { time, rate, skipsSilence } = this.#state;
    const passed = Math.max(0, now - this.#lastFrame) * rate;
    this.#lastFrame = now;
    const leader = [...this.#tracks.values()].find(
      (track) => soundsAt(track, time) && !track.element.paused && !track.element.ended,
    );
    let next = time + passed;
    const isHeld = this.#isHeld();
    if (!isHeld) this.#wentOnAt = now;
    if (isHeld) next = time;
    else if (leader) next = (leader.element.currentTime - leader.origin) * 1000 + leader.offset;
    if (skipsSilence) {
      const silence = this.#silences.find(({ from, to }) => next >= from && next < to - 200);
      if (silence) next = silence.to;
    }
    const isOver = next >= this.#length;
    const isWaiting = now - this.#wentOnAt > NOTICED_MILLISECONDS;
    this.#set({ time: Math.min(next, this.#length), isWaiting });
    if (isOver) {
      this.pause();
      return;
    }
    this.#align();
    this.#frame = requestAnimationFrame(this.#tick);
  };
}

/** An element that has only its metadata is at the start of its own time. */
const originOf = ({ readyState, currentTime }: HTMLAudioElement): number =>
  readyState >= HTMLMediaElement.HAVE_METADATA ? currentTime : 0;

function soundsAt({ element, offset, origin }: Track, time: number): boolean {
  const wanted = (time - offset) / 1000;
  // Some containers do not tell how long they are until they have been played.
  const isOver = element.ended && wanted >= element.currentTime - origin - DRIFT;
  return wanted >= 0 && !(wanted >= element.duration - origin) && !isOver;
}

/** Whether a recording should sound and cannot yet: its bytes, or an address that is good, are to come. */
function waitsAt(track: Track, time: number): boolean {
  const { element, offset, origin } = track;
  if (!soundsAt(track, time)) return false;
  if ((time - offset) / 1000 > element.duration - origin - LAST) return false;
  return element.error !== null || element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
}

/** Also that which the element goes back to when it is given another address. */
function setRateOf(element: HTMLAudioElement, rate: number): void {
  element.defaultPlaybackRate = rate;
  element.playbackRate = rate;
}

/** A part of the player's state; whoever reads it is drawn anew only when that part changes. */
export function usePlayer<T extends string | number | boolean | null>(
  player: Player,
  select: (state: PlayerState) => T,
): T {
  return useSyncExternalStore(
    player.subscribe,
    useCallback(() => select(player.state), [player, select]),
  );
}
