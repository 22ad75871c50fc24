/** Slows guessing down, without letting a guesser lock others out. */

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { isIPv6 } from 'node:net';
import { usernameKey } from '../access/user.js';

const WINDOW_SECONDS = 15 * 60;
/** Wrong passwords for one account from one address. */
const PER_ACCOUNT = 10;
/** For all accounts from one address, which may be the one of a whole office. */
const PER_ADDRESS = 100;

export interface SignInLimits {
  /** Counts an attempt; the seconds to wait when there were too many, else null. */
  readonly attempt: (address: string, username: string) => Promise<number | null>;
  /** The attempt was no guess. Attempts at other accounts still count. */
  readonly succeeded: (address: string, username: string) => Promise<void>;
}

/** In memory, for each process on its own: argon2 bounds what a guesser gains by several of them. */
export function createSignInLimits(): SignInLimits {
  const accounts = new RateLimiterMemory({ points: PER_ACCOUNT, duration: WINDOW_SECONDS });
  const addresses = new RateLimiterMemory({ points: PER_ADDRESS, duration: WINDOW_SECONDS });
  return {
    async attempt(address, username) {
      // Counted before the password is checked, so that attempts at the same time all count.
      return (
        (await consume(addresses, network(address))) ??
        (await consume(accounts, accountKey(address, username)))
      );
    },
    async succeeded(address, username) {
      await accounts.delete(accountKey(address, username));
      await addresses.reward(network(address));
    },
  };
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<number | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (error) {
    if (error instanceof RateLimiterRes) {
      return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
    }
    throw error;
  }
}

function accountKey(address: string, username: string): string {
  return `${network(address)} ${usernameKey(username).slice(0, 255)}`;
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
