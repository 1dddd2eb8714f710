/** Time and chance as a queue needs them; tests give their own. */
export interface Clock {
  now(): number;
  /** Call after milliseconds; gives what calls it off. */
  after(ms: number, act: () => void): () => void;
  random(): number;
}

export const CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
