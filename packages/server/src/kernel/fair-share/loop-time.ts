/** How often the loop is seen to turn, and how much of a longer pause counts as time, in milliseconds. */
const STEP_MS = 50;
const MAX_STEP_MS = 2 * STEP_MS;

/**
 * Time in which this process could read what others sent it. While the event loop is blocked, or the
 * process is suspended, answers wait unread in sockets, and afterwards timers fire before the sockets
 * are read. So a deadline for somebody else's answer is measured by this time and not by a clock.
 */
export interface LoopTime {
  /** Milliseconds; a pause of the loop counts as 100 at most. */
  now(): number;
  /** Milliseconds of pauses that `now` does not contain. */
  stalled(): number;
}

/** The loop time of this thread. Its timer does not keep the process alive. */
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
