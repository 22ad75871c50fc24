/** Slows guessing down, without letting a guesser lock others out. */

import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Origin } from '../access/actor.js';
import { usernameKey } from '../access/user.js';
import type { Credentials } from '../credentials.js';

const WINDOW_SECONDS = 15 * 60;
/** Wrong credentials of one username from one address. */
const PER_USERNAME = 10;
/** Of all usernames from one address, which may be the one of a whole office or cluster. */
const PER_ADDRESS = 100;
/** containerd and helm ask by POST, and again by GET with the same credentials. */
const PAIR_MS = 10_000;
/** Bounds of what is remembered: beyond them the oldest goes. */
const MAX_PAIRS = 10_000;
const MAX_TRUSTED = 10_000;

export interface Attempt {
  /** How long to wait when there were too many; null when the credentials may be looked at. */
  readonly retryAfterSeconds: number | null;
  /** They were good: this one does not count. Those that were wrong still do, whoever made them. */
  readonly succeeded: () => Promise<void>;
}

export interface CredentialLimits {
  /** Counts an attempt before it is known whether it is a guess, so that simultaneous ones all count. */
  readonly attempt: (credentials: Credentials, origin: Origin) => Promise<Attempt>;
}

/** In memory, for each process on its own: writing every guess down would let guessers stop the database. */
export function createCredentialLimits(): CredentialLimits {
  const usernames = new RateLimiterMemory({ points: PER_USERNAME, duration: WINDOW_SECONDS });
  const addresses = new RateLimiterMemory({ points: PER_ADDRESS, duration: WINDOW_SECONDS });
  const isSecondOfPair = recognisePairs();
  /** Who got in from where: a guesser at the same address keeps strangers out, and not them. */
  const trusted = new LRUCache<string, true>({ max: MAX_TRUSTED });

  return {
    async attempt(credentials, { address }) {
      const place = network(address ?? '');
      const key = placeAndUsername(place, credentials);
      const counts = trusted.has(key)
        ? [{ limiter: usernames, key }]
        : [
            { limiter: addresses, key: place },
            { limiter: usernames, key },
          ];
      const isPair = isSecondOfPair(`${key} ${credentials.secret.digestText()}`);
      const retryAfterSeconds = isPair ? await waitOf(counts) : await consume(counts);
      return {
        retryAfterSeconds,
        async succeeded() {
          trusted.set(key, true);
          if (!isPair) {
            await Promise.all(counts.map(async (count) => await count.limiter.reward(count.key)));
          }
        },
      };
    },
  };
}

interface Count {
  readonly limiter: RateLimiterMemory;
  readonly key: string;
}

/** One more of each, up to the first that is over: its wait, or null. */
async function consume(counts: readonly Count[]): Promise<number | null> {
  try {
    for (const { limiter, key } of counts) {
      await limiter.consume(key);
    }
    return null;
  } catch (error) {
    if (error instanceof RateLimiterRes) {
      return secondsLeft(error);
    }
    throw error;
  }
}

async function waitOf(counts: readonly Count[]): Promise<number | null> {
  for (const { limiter, key } of counts) {
    const count = await limiter.get(key);
    if (count !== null && count.consumedPoints > limiter.points) {
      return secondsLeft(count);
    }
  }
  return null;
}

function secondsLeft({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}

/** True for the second of two equal attempts in a row; a third is a first again. */
function recognisePairs(): (attempt: string) => boolean {
  const firsts = new LRUCache<string, true>({ max: MAX_PAIRS, ttl: PAIR_MS });
  return (attempt) => {
    if (firsts.has(attempt)) {
      firsts.delete(attempt);
      return true;
    }
    firsts.set(attempt, true);
    return false;
  };
}

function placeAndUsername(place: string, { username }: Credentials): string {
  return `${place} ${usernameKey(username).slice(0, 255)}`;
}

/** One customer of an IPv6 network has all of a /64. */
function network(address: string): string {
  if (!isIPv6(address)) {
    return address;
  }
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter((group) => group !== '');
  const right = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return groups.slice(0, 4).join(':');
}
