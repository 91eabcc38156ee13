/** The interval at which turns of the loop are observed, and the maximum that a longer pause counts. */
const STEP_MS = 50;
const MAX_STEP_MS = 2 * STEP_MS;

/**
 * Time in which this process could read from sockets: after a blocked event loop, timers fire
 * before unread answers are read, so deadlines for answers of others use this time.
 */
export interface LoopTime {
  now(): number;
  /** Milliseconds of pauses that `now` omits. */
  stalled(): number;
}

export const loopTime: LoopTime = watchLoop();

function watchLoop(): LoopTime {
  let seenAt = performance.now();
  let counted = seenAt;
  const timer = setInterval(() => {
    const now = performance.now();
    counted += Math.min(now - seenAt, MAX_STEP_MS);
    seenAt = now;
  }, STEP_MS);
  timer.unref();
  const now = () => counted + Math.min(performance.now() - seenAt, MAX_STEP_MS);
  return { now, stalled: () => performance.now() - now() };
}
