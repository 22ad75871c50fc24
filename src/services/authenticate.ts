import { isAccessTokenActive, type AccessToken } from '../access/access-token.js';
import type { Actor, Origin, UserActor } from '../access/actor.js';
import { deployTokenStatus, type DeployToken } from '../access/deploy-token.js';
import { AppError } from '../access/errors.js';
import { usernameKey, type User } from '../access/user.js';
import type { Credentials, Secret } from '../credentials.js';
import type { Store } from '../store/open-store.js';
import type { CredentialLimits } from './credential-limits.js';
import { isPassword, looksLikeToken } from './passwords.js';

export interface AuthenticateDeps {
  readonly store: Store;
  readonly now: () => Date;
  /** `deploy_tokens.prefix`: what starts with it is no password. */
  readonly tokenPrefix: string;
  readonly limits: CredentialLimits;
}

/** Why credentials were refused: for the log and the holder's maintainers, never for the caller. */
export type Refusal =
  | 'empty'
  | 'unknown'
  | 'wrong_username'
  | 'wrong_password'
  | 'revoked'
  | 'expired'
  | 'blocked'
  | 'rate_limited';

export interface Refused {
  readonly accepted: false;
  readonly refusal: Refusal;
  /** Whose secret it was, where it was a genuine one; of a wrong password, whose it should have been. */
  readonly deployToken?: DeployToken;
  readonly user?: User;
  /** With `rate_limited` alone: how many seconds to wait. */
  readonly retryAfterSeconds?: number;
}

const EMPTY: Refused = { accepted: false, refusal: 'empty' };

export type Authentication = { readonly accepted: true; readonly actor: Actor } | Refused;

/**
 * Whose credentials these are. A good token is accepted however many wrong ones came from its address;
 * a password is not even looked at once there were too many.
 *
 * Tokens are found by the digest of the secret under a unique index, so no comparison of secrets can
 * be timed; the username is then compared and is no secret.
 */
export async function authenticate(
  deps: AuthenticateDeps,
  credentials: Credentials,
  origin: Origin,
): Promise<Authentication> {
  if (isEmpty(credentials)) {
    return EMPTY;
  }
  const secretDigest = credentials.secret.digestText();
  const { deployToken } = await deps.store.lookUp({ secretDigest, namespaces: [] });
  return await authenticateFound(deps, { credentials, deployToken }, origin);
}

function isEmpty({ username, secret }: Credentials): boolean {
  return username === '' || secret.isEmpty();
}

/** What a caller presented, and the deploy token whose secret that is, if there is one. */
export interface Presented {
  readonly credentials: Credentials;
  readonly deployToken: DeployToken | null;
}

/** The same for whoever looked up the deploy token, together with more. */
export async function authenticateFound(
  deps: AuthenticateDeps,
  { credentials, deployToken }: Presented,
  origin: Origin,
): Promise<Authentication> {
  if (isEmpty(credentials)) {
    return EMPTY;
  }
  const byToken =
    deployToken === null
      ? await authenticateToken(deps, credentials, origin)
      : asDeployToken(deployToken, credentials.username, deps.now());
  if (byToken === null) {
    return await authenticatePassword(deps, credentials, origin);
  }
  return byToken.accepted ? byToken : await countedIfGuess(deps, byToken, credentials, origin);
}

async function countedIfGuess(
  { limits }: Pick<AuthenticateDeps, 'limits'>,
  refused: Refused,
  credentials: Credentials,
  origin: Origin,
): Promise<Refused> {
  if (!isGuess(refused)) {
    return refused;
  }
  const { retryAfterSeconds } = await limits.attempt(credentials, origin);
  return retryAfterSeconds === null ? refused : tooMany(retryAfterSeconds);
}

/** Whoever holds a genuine secret guesses nothing: an expired token is told the same at any rate. */
function isGuess({ refusal }: Refused): boolean {
  return refusal === 'unknown' || refusal === 'wrong_username';
}

function tooMany(retryAfterSeconds: number): Refused {
  return { accepted: false, refusal: 'rate_limited', retryAfterSeconds };
}

/** As a personal access token; null for what may be a password. */
async function authenticateToken(
  deps: AuthenticateDeps,
  { username, secret }: Credentials,
  origin: Origin,
): Promise<Authentication | null> {
  const accessToken = await deps.store.accessTokens.findByDigest(secret.digest());
  if (accessToken !== null) {
    return await asHolderOf(deps, accessToken, { username, origin });
  }
  return looksLikeToken(secret, deps.tokenPrefix) ? { accepted: false, refusal: 'unknown' } : null;
}

/** What the caller is told: one text whatever the reason, unless there were too many attempts. */
export function refusalError({ retryAfterSeconds }: Refused, text: string): AppError {
  return retryAfterSeconds === undefined
    ? new AppError('invalid_credentials', text)
    : new AppError(
        'rate_limited',
        `Too many wrong usernames, passwords or tokens from your address. Try again in ${retryAfterSeconds} seconds.`,
        { retryAfterSeconds },
      );
}

/** What the log is told of a refusal, and the caller is not. */
export function refusalFacts({ refusal, deployToken, user }: Refused): Record<string, unknown> {
  return { refusal, deployToken: deployToken?.id, user: user?.username };
}

/** For the API, whose clients send a personal access token alone: nothing else is taken there. */
export async function authenticateAccessToken(
  deps: Omit<AuthenticateDeps, 'tokenPrefix'>,
  secret: Secret,
  origin: Origin,
): Promise<Authentication> {
  if (secret.isEmpty()) {
    return EMPTY;
  }
  const token = await deps.store.accessTokens.findByDigest(secret.digest());
  const authentication: Authentication =
    token === null
      ? { accepted: false, refusal: 'unknown' }
      : await asHolderOf(deps, token, { username: null, origin });
  return authentication.accepted
    ? authentication
    : await countedIfGuess(deps, authentication, { username: '', secret }, origin);
}

function asDeployToken(deployToken: DeployToken, username: string, now: Date): Authentication {
  if (deployToken.username !== username) {
    return { accepted: false, refusal: 'wrong_username', deployToken };
  }
  const status = deployTokenStatus(deployToken, now);
  return status === 'active'
    ? { accepted: true, actor: { kind: 'deploy-token', token: deployToken } }
    : { accepted: false, refusal: status, deployToken };
}

/** `username` is what came with the token; null where none does. */
async function asHolderOf(
  deps: Pick<AuthenticateDeps, 'store' | 'now'>,
  token: AccessToken,
  { username, origin }: { readonly username: string | null; readonly origin: Origin },
): Promise<Authentication> {
  const user = await deps.store.users.findById(token.userId);
  if (user === null) {
    return { accepted: false, refusal: 'unknown' };
  }
  if (username !== null && usernameKey(user.username) !== usernameKey(username)) {
    return { accepted: false, refusal: 'wrong_username', user };
  }
  if (!isAccessTokenActive(token, deps.now())) {
    return { accepted: false, refusal: token.revokedAt === null ? 'expired' : 'revoked', user };
  }
  return await asUser(deps, user, { accessToken: token, origin });
}

/** Nothing but the password of a user counts; an unknown user costs the same argon2 as a known one. */
export async function authenticatePassword(
  deps: AuthenticateDeps,
  credentials: Credentials,
  origin: Origin,
): Promise<Authentication> {
  const attempt = await deps.limits.attempt(credentials, origin);
  if (attempt.retryAfterSeconds !== null) {
    return tooMany(attempt.retryAfterSeconds);
  }
  const { username, secret } = credentials;
  const user = await deps.store.users.findByUsername(username);
  const passwordHash = await deps.store.users.findPasswordHash(username);
  const isRight = await isPassword(secret, passwordHash);
  if (user === null) {
    return { accepted: false, refusal: 'unknown' };
  }
  if (!isRight) {
    return { accepted: false, refusal: 'wrong_password', user };
  }
  await attempt.succeeded();
  return await asUser(deps, user, { accessToken: null, origin });
}

async function asUser(
  { store }: Pick<AuthenticateDeps, 'store'>,
  user: User,
  presented: Pick<UserActor, 'accessToken' | 'origin'>,
): Promise<Authentication> {
  if (user.blockedAt !== null) {
    return { accepted: false, refusal: 'blocked', user };
  }
  const roles = await store.members.rolesOf(user.id);
  return { accepted: true, actor: { kind: 'user', user, roles, ...presented } };
}
