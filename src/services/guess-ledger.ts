/**
 * Counts the wrong passwords, and tells which may be compared when. It knows no secret: what it counts
 * by and remembers are digests that were made with its key.
 */

import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { createRecent } from './recent.js';

const WINDOW_MS = 15 * 60_000;
/** Of one that waits for its turn; then it is told to try again. */
export const PATIENCE_MS = 10_000;
/** At once, for one count: what is more waits. */
const MAX_RUNNING = 10;
/** Waiting for one count, and in all. */
const MAX_WAITING_OF_ONE = 100;
const MAX_WAITING = 1000;
/** Bounds of what is remembered: an argon2 stands before each, so a window has hardly that many. */
const MAX_COUNTS = 100_000;
const MAX_WRONG = 50_000;
const MAX_TRUSTED = 10_000;

/** What a wrong password counts for, and how many of them are let through in a window. */
export interface Budget {
  readonly key: string;
  readonly most: number;
}

export interface Guess {
  /** Of this username from this network. */
  readonly account: Budget;
  /** Of all usernames from there. Whoever got in from there before is not held to them. */
  readonly networks: readonly Budget[];
  /** Of the secret, the account, and the password hash that it is compared with. */
  readonly digest: string;
}

export type Outcome = 'right' | 'wrong' | 'unknown';

export type Verdict =
  | {
      readonly kind: 'compare';
      /** Somebody got in from there before, whoever it was. */
      readonly isKnownNetwork: boolean;
      readonly finish: (outcome: Outcome) => void;
    }
  /** It was compared before. */
  | { readonly kind: 'known-wrong' }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }
  /** Waited for its turn in vain. */
  | { readonly kind: 'busy' };

export interface GuessLedger {
  /** Random, of this process and its workers. */
  readonly key: Buffer;
  /** Settles when it is this guess's turn, or known that it needs none. */
  readonly begin: (guess: Guess) => Promise<Verdict>;
}

const KNOWN_WRONG: Verdict = { kind: 'known-wrong' };
const BUSY: Verdict = { kind: 'busy' };

interface Waiting {
  readonly guess: Guess;
  readonly decide: (verdict: Verdict) => void;
}

export interface GuessLedgerOptions {
  readonly clock?: () => number;
  readonly patienceMs?: number;
}

export function createGuessLedger({
  clock = () => performance.now(),
  patienceMs = PATIENCE_MS,
}: GuessLedgerOptions = {}): GuessLedger {
  const window = { milliseconds: WINDOW_MS, clock };
  const counts = createRecent<number>({ ...window, atMost: MAX_COUNTS });
  const wrong = createRecent<true>({ ...window, atMost: MAX_WRONG });
  const trusted = new LRUCache<string, true>({ max: MAX_TRUSTED });
  const known = new LRUCache<string, true>({ max: MAX_TRUSTED });
  const running = createTally();
  const waiting = new Set<Waiting>();
  const waitingFor = createTally();

  function budgetsOf({ account, networks }: Guess): readonly Budget[] {
    return trusted.has(account.key) ? [account] : [account, ...networks];
  }

  /** Null for one that has to wait: those that run may use up what is left of a budget. */
  function judge(guess: Guess): Verdict | null {
    if (wrong.get(guess.digest) === true) {
      return KNOWN_WRONG;
    }
    const budgets = budgetsOf(guess);
    const full = budgets.find(({ key, most }) => (counts.get(key) ?? 0) >= most);
    if (full !== undefined) {
      const seconds = Math.ceil(counts.millisecondsLeft(full.key) / 1000);
      return { kind: 'too-many', retryAfterSeconds: Math.max(1, seconds) };
    }
    const hasRoom = budgets.every(
      ({ key, most }) => running.of(key) < Math.min(MAX_RUNNING, most - (counts.get(key) ?? 0)),
    );
    return hasRoom ? start(guess, budgets) : null;
  }

  function start(guess: Guess, budgets: readonly Budget[]): Verdict {
    const keys = budgets.map(({ key }) => key);
    let isRunning = true;
    running.add(keys);
    return {
      kind: 'compare',
      isKnownNetwork: known.has(networkOf(guess)),
      finish(outcome) {
        if (!isRunning) {
          return;
        }
        isRunning = false;
        running.remove(keys);
        if (outcome === 'right') {
          trusted.set(guess.account.key, true);
          known.set(networkOf(guess), true);
        }
        // Another worker may have compared the same one meanwhile.
        if (outcome === 'wrong' && wrong.get(guess.digest) === undefined) {
          wrong.set(guess.digest, true);
          for (const key of keys) {
            counts.set(key, (counts.get(key) ?? 0) + 1);
          }
        }
        serveWaiting();
      },
    };
  }

  function serveWaiting(): void {
    for (const { guess, decide } of waiting) {
      const verdict = judge(guess);
      if (verdict !== null) {
        decide(verdict);
      }
    }
  }

  async function wait(guess: Guess): Promise<Verdict> {
    const keys = budgetsOf(guess).map(({ key }) => key);
    if (
      waiting.size >= MAX_WAITING ||
      keys.some((key) => waitingFor.of(key) >= MAX_WAITING_OF_ONE)
    ) {
      return BUSY;
    }
    return await new Promise((resolve) => {
      const own = { guess, decide };
      const patience = setTimeout(decide, patienceMs, BUSY).unref();
      function decide(verdict: Verdict): void {
        clearTimeout(patience);
        waiting.delete(own);
        waitingFor.remove(keys);
        resolve(verdict);
      }
      waiting.add(own);
      waitingFor.add(keys);
    });
  }

  return {
    key: randomBytes(32),
    async begin(guess) {
      return judge(guess) ?? (await wait(guess));
    },
  };
}

/** The narrowest. */
function networkOf({ networks }: Guess): string {
  return networks[0]?.key ?? '';
}

interface Tally {
  readonly of: (key: string) => number;
  readonly add: (keys: readonly string[]) => void;
  readonly remove: (keys: readonly string[]) => void;
}

/** Of what is under way: a key that has none takes no memory. */
function createTally(): Tally {
  const numbers = new Map<string, number>();
  return {
    of: (key) => numbers.get(key) ?? 0,
    add(keys) {
      for (const key of keys) {
        numbers.set(key, (numbers.get(key) ?? 0) + 1);
      }
    },
    remove(keys) {
      for (const key of keys) {
        const rest = (numbers.get(key) ?? 0) - 1;
        if (rest > 0) {
          numbers.set(key, rest);
        } else {
          numbers.delete(key);
        }
      }
    },
  };
}
