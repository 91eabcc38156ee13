import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Player } from './player.ts';

beforeAll(() => {
  vi.stubGlobal('HTMLMediaElement', {
    HAVE_METADATA: 1,
    HAVE_CURRENT_DATA: 2,
    HAVE_FUTURE_DATA: 3,
  });
});
afterAll(() => {
  vi.unstubAllGlobals();
});

/** The parts of an audio element that the player uses. */
class Audio extends EventTarget {
  readyState = 0;
  currentTime = 0;
  currentSrc = 'a.wav';
  readonly duration = 60;
  readonly seeking = false;
  pause() {}
}

function playerWith(audio: Audio) {
  const player = new Player();
  player.setLength(60_000);
  const setTrack = (element: Audio | null, offset: number) =>
    player.setTrack('caller', element as HTMLAudioElement | null, offset);
  setTrack(audio, 0);
  return { player, setTrack };
}

test('a seek between the load of the metadata and its event keeps the position', () => {
  const audio = new Audio();
  const { player } = playerWith(audio);
  audio.readyState = 1;
  player.seek(6_000);
  audio.dispatchEvent(new Event('loadedmetadata'));
  expect(audio.currentTime).toBe(6);
});

test('a track that is set again after a seek keeps its origin', () => {
  const audio = new Audio();
  const { player, setTrack } = playerWith(audio);
  audio.readyState = 1;
  audio.dispatchEvent(new Event('loadedmetadata'));
  player.seek(6_000);
  setTrack(null, 0);
  setTrack(audio, 1_000);
  player.seek(6_000);
  expect(audio.currentTime).toBe(5);
});

test('the first sample counts although the metadata came before it was decoded', () => {
  const audio = new Audio();
  const { player } = playerWith(audio);
  audio.readyState = 1;
  audio.dispatchEvent(new Event('loadedmetadata'));
  Object.assign(audio, { readyState: 2, currentTime: 15 });
  player.seek(6_000);
  expect(audio.currentTime).toBe(21);
  player.seek(7_000);
  expect(audio.currentTime).toBe(22);
});

test('positions count from the first sample of each source', () => {
  const audio = new Audio();
  const { player } = playerWith(audio);
  Object.assign(audio, { readyState: 1, currentTime: 20 });
  audio.dispatchEvent(new Event('loadedmetadata'));
  player.seek(6_000);
  expect(audio.currentTime).toBe(26);
  Object.assign(audio, { currentSrc: 'b.wav', currentTime: 3 });
  audio.dispatchEvent(new Event('loadedmetadata'));
  expect(audio.currentTime).toBe(9);
});
