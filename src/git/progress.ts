/** Ends git whose client, or which itself, is too slow to be worth a place that others wait for. */

const TICK_MS = 1000;
/** 32 kbit/s: a byte now and then is no transfer. */
const LEAST_BYTES_PER_SECOND = 4096;

export interface Watched {
  /** Whether it is the client who has to send or to read. */
  readonly isClientAwaited: () => boolean;
  readonly end: () => void;
}

export interface Progress {
  readonly moved: (bytes: number) => void;
  readonly stop: () => void;
}

export interface ProgressLimits {
  readonly idleSeconds: number;
  readonly totalSeconds: number;
}

export function watchProgress(
  { isClientAwaited, end }: Watched,
  { idleSeconds, totalSeconds }: ProgressLimits,
): Progress {
  const patience = createPatience(idleSeconds);
  let bytes = 0;
  const total = setTimeout(end, totalSeconds * 1000);
  const tick = setInterval(() => {
    if (patience.isOver(bytes, isClientAwaited())) {
      end();
    }
    bytes = 0;
  }, TICK_MS);
  return {
    moved(more) {
      bytes += more;
    },
    stop() {
      clearTimeout(total);
      clearInterval(tick);
    },
  };
}

/**
 * Lasts for so many seconds without progress. A client earns a second by what it moves in one at the least
 * rate. Git has all of it again whenever it says something: it may have to think about a large repository.
 */
export function createPatience(seconds: number): {
  /** Told once a second what was moved in it. */
  readonly isOver: (bytes: number, isClientAwaited: boolean) => boolean;
} {
  let left = seconds;
  return {
    isOver(bytes, isClientAwaited) {
      if (isClientAwaited) {
        left = Math.min(seconds, left - 1 + bytes / LEAST_BYTES_PER_SECOND);
      } else {
        left = bytes > 0 ? seconds : left - 1;
      }
      return left <= 0;
    },
  };
}
