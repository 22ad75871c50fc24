/** Remembers values for a time, and no more of them than a bound: older ones go first. */
export interface Recent<T> {
  readonly get: (key: string) => T | undefined;
  /** Setting a key again changes its value, not its age. */
  readonly set: (key: string, value: T) => void;
  /** Until this key is forgotten; 0 when it is not there. */
  readonly millisecondsLeft: (key: string) => number;
  readonly size: () => number;
}

export interface RecentOptions {
  readonly milliseconds: number;
  readonly atMost: number;
  /** Never set back. */
  readonly clock: () => number;
}

interface Kept<T> {
  value: T;
  readonly until: number;
}

/**
 * Two generations instead of one Map whose first key goes: V8 passes over every key that was removed
 * before it finds that one. At least half of the bound is always there to be remembered.
 */
export function createRecent<T>({ milliseconds, atMost, clock }: RecentOptions): Recent<T> {
  let older = new Map<string, Kept<T>>();
  let younger = new Map<string, Kept<T>>();
  let youngerSince = clock();

  function find(key: string): Kept<T> | undefined {
    const found = younger.get(key) ?? older.get(key);
    return found !== undefined && found.until > clock() ? found : undefined;
  }

  function add(key: string, value: T): void {
    const now = clock();
    if (younger.size >= atMost / 2 || now - youngerSince >= milliseconds) {
      older = younger;
      younger = new Map();
      youngerSince = now;
    }
    younger.set(key, { value, until: now + milliseconds });
  }

  return {
    get: (key) => find(key)?.value,
    set(key, value) {
      const known = find(key);
      if (known === undefined) {
        add(key, value);
      } else {
        known.value = value;
      }
    },
    millisecondsLeft(key) {
      const found = find(key);
      return found === undefined ? 0 : found.until - clock();
    },
    size: () => older.size + younger.size,
  };
}
