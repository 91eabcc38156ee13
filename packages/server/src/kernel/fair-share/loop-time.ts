/** The interval at which turns of the loop are observed, and the maximum that a longer pause counts. */
const STEP_MS = 50;
const MAX_STEP_MS = 2 * STEP_MS;

/**
 * Time in which this process could read from sockets. While the event loop is blocked or the process is
 * suspended, answers stay unread, and afterwards timers fire before sockets are read. Deadlines for answers
 * of others therefore use this time instead of a clock.
 */
export interface LoopTime {
  /** Milliseconds; a pause of the loop counts as at most 100. */
  now(): number;
  /** Milliseconds of pauses that `now` omits. */
  stalled(): number;
}

/** Its timer does not keep the process alive. */
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
