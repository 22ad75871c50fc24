/** Slows guessing down, without letting a guesser lock others out. */

import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../access/errors.js';
import type { Origin } from '../access/actor.js';
import { usernameKey } from '../access/user.js';
import { Secret, type Credentials } from '../credentials.js';
import { createGuessLedger, type Guess, type GuessLedger, type Outcome } from './guess-ledger.js';
import type { HashTurn } from './hash-queue.js';
import { networksOf } from './networks.js';
import { createPace } from './pace.js';

/** Wrong passwords of one username from one network. */
const PER_ACCOUNT = 10;
/** Of all usernames from an address or /64, which may be those of a whole office; from its /56 and /48. */
const PER_NETWORK = [100, 300, 1000] as const;

/** Wrong tokens from one network, a second: more than a cluster sends that holds one. */
const WRONG_TOKENS_PER_SECOND = 300;
/** The longest that an answer to one is held back. */
const LONGEST_PAUSE_MS = 5000;
const MAX_PACED_NETWORKS = 10_000;

/** A password, and what it is compared with: null where there is nothing, which is never right. */
export interface PasswordAttempt {
  readonly credentials: Credentials;
  readonly origin: Origin;
  readonly passwordHash: string | null;
}

export type Comparison =
  | { readonly kind: 'right' }
  /** `isRepeat`: the same wrong one was presented before, or is at this moment. */
  | { readonly kind: 'wrong'; readonly isRepeat: boolean }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number };

export interface CredentialLimits {
  /**
   * Compares a password if it is not one too many. Only those that turn out to be wrong count, each once;
   * one whose turn it is not yet waits. Throws `unavailable` when that takes too long.
   */
  readonly compare: (
    attempt: PasswordAttempt,
    isRight: (turn: HashTurn) => Promise<boolean>,
  ) => Promise<Comparison>;
  /** Before a wrong token is refused: settles late when its network sends more than hundreds a second. */
  readonly holdBack: (origin: Origin) => Promise<void>;
}

export function createCredentialLimits(
  ledger: GuessLedger = createGuessLedger(),
  clock: () => number = () => performance.now(),
): CredentialLimits {
  const running = new Map<string, Promise<Comparison>>();
  const wrongTokens = createPace({
    perSecond: WRONG_TOKENS_PER_SECOND,
    longestMs: LONGEST_PAUSE_MS,
    atMost: MAX_PACED_NETWORKS,
    clock,
  });

  return {
    async compare(attempt, isRight) {
      const guess = guessOf(attempt, ledger.key);
      const same = running.get(guess.digest);
      if (same !== undefined) {
        const comparison = await same;
        return comparison.kind === 'wrong' ? { ...comparison, isRepeat: true } : comparison;
      }
      const comparison = compareInTurn(ledger, guess, isRight).finally(() => {
        running.delete(guess.digest);
      });
      running.set(guess.digest, comparison);
      return await comparison;
    },
    async holdBack({ address }) {
      const milliseconds = wrongTokens.next(networksOf(address ?? '').at(-1) ?? '');
      if (milliseconds > 0) {
        await pause(milliseconds, undefined, { ref: false });
      }
    },
  };
}

async function compareInTurn(
  ledger: GuessLedger,
  guess: Guess,
  isRight: (turn: HashTurn) => Promise<boolean>,
): Promise<Comparison> {
  const verdict = await ledger.begin(guess);
  switch (verdict.kind) {
    case 'known-wrong':
      return { kind: 'wrong', isRepeat: true };
    case 'too-many':
      return verdict;
    case 'busy':
      throw new AppError('unavailable', 'Too many passwords are being checked. Try again soon.');
    case 'compare': {
      let outcome: Outcome = 'unknown';
      try {
        outcome = (await isRight({ goesFirst: verdict.isKnownNetwork })) ? 'right' : 'wrong';
        return outcome === 'right' ? { kind: 'right' } : { kind: 'wrong', isRepeat: false };
      } finally {
        verdict.finish(outcome);
      }
    }
  }
}

function guessOf({ credentials, origin, passwordHash }: PasswordAttempt, key: Buffer): Guess {
  const { username, secret } = credentials;
  const networks = networksOf(origin.address ?? '');
  const account = new Secret(usernameKey(username)).keyedDigest(key, networks[0]);
  return {
    account: { key: account, most: PER_ACCOUNT },
    networks: networks.map((network, index) => ({ key: network, most: PER_NETWORK[index] ?? 0 })),
    digest: secret.keyedDigest(key, account, passwordHash ?? ''),
  };
}
