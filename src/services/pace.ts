import { LRUCache } from 'lru-cache';

export interface PaceOptions {
  readonly perSecond: number;
  readonly longestMs: number;
  /** How many keys are remembered: beyond them the one not seen for longest goes. */
  readonly atMost: number;
  readonly clock: () => number;
}

export interface Pace {
  /** How many milliseconds the next of this key has to wait: none as long as there are few. */
  readonly next: (key: string) => number;
  readonly size: () => number;
}

/**
 * Spreads what comes in a burst: one second's worth at once, then each in its turn.
 * A token bucket, kept as the one instant at which it is full again (GCRA).
 */
export function createPace({ perSecond, longestMs, atMost, clock }: PaceOptions): Pace {
  const burstMs = 1000;
  const fullAt = new LRUCache<string, number>({ max: atMost });
  return {
    next(key) {
      const now = clock();
      const at = Math.max(fullAt.get(key) ?? now, now) + 1000 / perSecond;
      const waitMs = at - now - burstMs;
      if (waitMs > longestMs) {
        return longestMs;
      }
      fullAt.set(key, at);
      return Math.max(0, waitMs);
    },
    size: () => fullAt.size,
  };
}
