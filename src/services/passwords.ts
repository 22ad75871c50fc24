import { hash, verify, type Options } from '@node-rs/argon2';
import { ACCESS_TOKEN_PREFIX } from '../access/access-token.js';
import { Secret } from '../credentials.js';
import { createHashQueue, type HashTurn } from './hash-queue.js';
import { problemsOf, requireNoProblems } from './problems.js';

export const MIN_LENGTH = 8;
/** Longer input would only buy an attacker CPU time. */
const MAX_LENGTH = 1024;

/** What an argon2id hash takes; memory in KiB. */
export type PasswordCost = Required<Pick<Options, 'memoryCost' | 'timeCost' | 'parallelism'>>;

/** The minimum that OWASP recommends: 19 MiB, two passes, one lane. */
export const PASSWORD_COST: PasswordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Nobody else sets a password. */
const SIGNED_IN: HashTurn = { goesFirst: true };

export interface Passwords {
  /** Throws for a text that cannot be a password. */
  readonly hash: (password: Secret, tokenPrefix: string) => Promise<string>;
  /**
   * Takes the same time whether or not there is a password to compare with, so that a caller cannot
   * learn which usernames exist. Runs off the event loop, and throws `unavailable` where too many wait.
   */
  readonly isPassword: (
    password: Secret,
    passwordHash: string | null,
    turn: HashTurn,
  ) => Promise<boolean>;
}

/** Tests pass a lower cost. Each hash records its own, so changing it invalidates no password. */
export function createPasswords(cost: PasswordCost = PASSWORD_COST): Passwords {
  const inTurn = createHashQueue();
  let unmatchable: Promise<string> | undefined;

  async function unmatchableHash(): Promise<string> {
    unmatchable ??= hash(Secret.generate().reveal(), cost);
    return await unmatchable;
  }

  return {
    async hash(password, tokenPrefix) {
      requireNoProblems(problemsOf({ password: passwordProblem(password, tokenPrefix) }));
      return await inTurn(SIGNED_IN, async () => await hash(composed(password), cost));
    },
    async isPassword(password, passwordHash, turn) {
      const text = password.reveal();
      if (text.length > MAX_LENGTH) {
        return false;
      }
      return await inTurn(turn, async () => {
        const known = passwordHash ?? (await unmatchableHash());
        const normal = composed(password);
        // A password of before this was normalised may have been kept as it was typed.
        const matches =
          (await verify(known, normal)) || (normal !== text && (await verify(known, text)));
        return matches && passwordHash !== null;
      });
    },
  };
}

/** In Unicode's form NFC: whether an accent is a character of its own is up to the keyboard. */
function composed(password: Secret): string {
  return password.reveal().normalize('NFC');
}

/** Another for each password that is set, the same text set again included: each hash has a salt of its own. */
export function passwordVersion(passwordHash: string): string {
  return new Secret(passwordHash).digestText();
}

/** What is wrong with a new password; null if nothing is. */
export function passwordProblem(password: Secret, tokenPrefix: string): string | null {
  const { length } = password.reveal();
  if (length < MIN_LENGTH || length > MAX_LENGTH) {
    return `A password has ${MIN_LENGTH} to ${MAX_LENGTH} characters; this one has ${length}.`;
  }
  return looksLikeToken(password, tokenPrefix) ? 'A password cannot start like a token.' : null;
}

/** Such a secret is never tried as a password: a wrong token then costs no argon2. */
export function looksLikeToken(secret: Secret, tokenPrefix: string): boolean {
  return secret.startsWith(tokenPrefix) || secret.startsWith(ACCESS_TOKEN_PREFIX);
}
