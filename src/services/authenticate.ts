import {
  ACCESS_TOKEN_PREFIX,
  isAccessTokenActive,
  type AccessToken,
} from '../access/access-token.js';
import type { Actor, Origin, UserActor } from '../access/actor.js';
import { takesCredential, takesUsername, type Refusal } from '../access/credential.js';
import { deployTokenStatus, type DeployToken } from '../access/deploy-token.js';
import { AppError } from '../access/errors.js';
import { sentencesOf, toldReason } from '../access/told-reason.js';
import type { User } from '../access/user.js';
import type { Credentials, FaultyCredentials, Secret } from '../credentials.js';
import type { Store } from '../store/open-store.js';
import type { CredentialLimits } from './credential-limits.js';
import { looksLikeToken, passwordVersion, type Passwords } from './passwords.js';

export interface AuthenticateDeps {
  readonly store: Store;
  readonly now: () => Date;
  /** `deploy_tokens.prefix`: what starts with it is no password. */
  readonly tokenPrefix: string;
  readonly passwords: Passwords;
  readonly limits: CredentialLimits;
}

export interface Refused {
  readonly accepted: false;
  readonly refusal: Refusal;
  /** Whose secret it was, where it was a genuine one; of a wrong password, whose it should have been. */
  readonly deployToken?: DeployToken;
  readonly accessToken?: AccessToken;
  readonly user?: User;
  /** With `rate_limited` only: how many seconds to wait. */
  readonly retryAfterSeconds?: number;
  /** A wrong password that was told to be wrong before: it counts for nothing more. */
  readonly isRepeat?: boolean;
}

export type Authentication = { readonly accepted: true; readonly actor: Actor } | Refused;
export type UserAuthentication = { readonly accepted: true; readonly actor: UserActor } | Refused;

/** What a caller presented. The username is empty at a door that takes none. */
export interface Presented {
  readonly credentials: Credentials;
  /** The deploy token whose secret that is, null for none, from a door that has looked it up already. */
  readonly deployToken?: DeployToken | null;
}

const EMPTY: Refused = { accepted: false, refusal: 'empty' };
const UNKNOWN: Refused = { accepted: false, refusal: 'unknown' };

/**
 * Whose credentials these are, among those that the door takes (access/credential.ts). Tokens are not
 * counted: 192 random bits cannot be guessed. A wrong one is refused for what it is, late if its network
 * sends hundreds a second. Passwords can be guessed; see credential-limits.ts.
 *
 * Tokens are found by the digest of the secret under a unique index, so no comparison of secrets can
 * be timed; that of a deploy token is then compared with its username, which is no secret.
 */
export async function authenticate(
  deps: AuthenticateDeps,
  presented: Presented,
  origin: Origin,
): Promise<Authentication> {
  const { credentials } = presented;
  if (isEmpty(credentials, origin)) {
    return EMPTY;
  }
  const { deployToken = await deployTokenOf(deps, credentials, origin) } = presented;
  const byToken = await authenticateToken(deps, { credentials, deployToken }, origin);
  if (byToken === null) {
    return await checkPassword(deps, credentials, origin);
  }
  if (!byToken.accepted) {
    await deps.limits.holdBack(origin);
  }
  return byToken;
}

function isEmpty({ username, secret }: Credentials, { door }: Origin): boolean {
  return secret.isEmpty() || (username === '' && takesUsername(door));
}

/** As one of the tokens that the door takes; null for what may be a password. */
async function authenticateToken(
  deps: AuthenticateDeps,
  {
    credentials: { username, secret },
    deployToken,
  }: { readonly credentials: Credentials; readonly deployToken: DeployToken | null },
  origin: Origin,
): Promise<Authentication | null> {
  if (deployToken !== null) {
    return asDeployToken(deployToken, username, deps.now());
  }
  if (takesCredential(origin.door, 'access_token')) {
    const accessToken = await accessTokenOf(deps, secret);
    if (accessToken !== null) {
      return await asHolderOf(deps, accessToken, origin);
    }
    if (looksLikeToken(secret, deps.tokenPrefix)) {
      return UNKNOWN;
    }
  }
  return takesCredential(origin.door, 'password') ? null : UNKNOWN;
}

/** Asks for none that the secret cannot be: a wrong one of a deploy token costs what a right one does. */
async function accessTokenOf(
  { store }: Pick<AuthenticateDeps, 'store'>,
  secret: Secret,
): Promise<AccessToken | null> {
  return secret.startsWith(ACCESS_TOKEN_PREFIX)
    ? await store.accessTokens.findByDigest(secret.digest())
    : null;
}

/** Null for none, and where the door takes none. */
async function deployTokenOf(
  { store }: Pick<AuthenticateDeps, 'store'>,
  { secret }: Credentials,
  { door }: Origin,
): Promise<DeployToken | null> {
  if (!takesCredential(door, 'deploy_token')) {
    return null;
  }
  const secretDigest = secret.digestText();
  return (await store.lookUp({ secretDigest, prefixes: [] })).deployToken;
}

/** Credentials that are right for nobody; a genuine secret with a line break behind it tells whose it is. */
export async function refuseFaulty(
  deps: Pick<AuthenticateDeps, 'store' | 'limits'>,
  { fault, trimmed }: FaultyCredentials,
  origin: Origin,
): Promise<Refused> {
  const owner = trimmed === null ? {} : await ownerOfSecret(deps, trimmed, origin);
  await deps.limits.holdBack(origin);
  return { accepted: false, refusal: fault, ...owner };
}

async function ownerOfSecret(
  deps: Pick<AuthenticateDeps, 'store'>,
  credentials: Credentials,
  origin: Origin,
): Promise<Pick<Refused, 'deployToken' | 'user'>> {
  const deployToken = await deployTokenOf(deps, credentials, origin);
  if (deployToken !== null) {
    return { deployToken };
  }
  const { users } = deps.store;
  const accessToken = await accessTokenOf(deps, credentials.secret);
  const user = accessToken && (await users.findById(accessToken.userId));
  return user === null ? {} : { user };
}

export function tooManyPasswords(retryAfterSeconds: number): AppError {
  return new AppError(
    'rate_limited',
    `Too many wrong passwords from your address. Try again in ${retryAfterSeconds} seconds, or use a token.`,
    { retryAfterSeconds },
  );
}

/** What the caller is told: `denied`, but for the reasons that toldReason knows. */
export function refusalError(refused: Refused, denied: AppError): AppError {
  const { retryAfterSeconds } = refused;
  if (retryAfterSeconds !== undefined) {
    return tooManyPasswords(retryAfterSeconds);
  }
  const told = toldReason(refused);
  return told === null
    ? denied
    : new AppError('invalid_credentials', sentencesOf(told), { phrase: told.phrase });
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

/** Whatever the username: tools send `oauth2` and the like, and the digest of the secret names the user. */
async function asHolderOf(
  deps: Pick<AuthenticateDeps, 'store' | 'now'>,
  token: AccessToken,
  origin: Origin,
): Promise<Authentication> {
  const user = await deps.store.users.findById(token.userId);
  if (user === null) {
    return UNKNOWN;
  }
  if (!isAccessTokenActive(token, deps.now())) {
    const refusal = token.revokedAt === null ? 'expired' : 'revoked';
    return { accepted: false, refusal, accessToken: token, user };
  }
  return await asUser(deps, user, { credential: { kind: 'access_token', token }, origin });
}

/**
 * As a user's password: the one place that compares them. An unknown user costs the same argon2 as a known
 * one. The account is read after the comparison, which may have waited, and counts only if the password
 * is still the one that was compared.
 */
export async function checkPassword(
  deps: Pick<AuthenticateDeps, 'store' | 'passwords' | 'limits'>,
  credentials: Credentials,
  origin: Origin,
): Promise<UserAuthentication> {
  const { users } = deps.store;
  const { username, secret } = credentials;
  const passwordHash = await users.findPasswordHash(username);
  const comparison = await deps.limits.compare(
    { credentials, origin, passwordHash },
    async (turn) => await deps.passwords.isPassword(secret, passwordHash, turn),
  );
  if (comparison.kind === 'too-many') {
    const { retryAfterSeconds } = comparison;
    return { accepted: false, refusal: 'rate_limited', retryAfterSeconds };
  }
  const user = await users.findByUsername(username);
  if (comparison.kind === 'wrong') {
    const { isRepeat } = comparison;
    return user === null
      ? { ...UNKNOWN, isRepeat }
      : { accepted: false, refusal: 'wrong_password', user, isRepeat };
  }
  const isStill =
    passwordHash !== null && (await users.findPasswordHash(username)) === passwordHash;
  if (user === null || !isStill) {
    return UNKNOWN;
  }
  const version = passwordVersion(passwordHash);
  return await asUser(deps, user, { credential: { kind: 'password', version }, origin });
}

async function asUser(
  { store }: Pick<AuthenticateDeps, 'store'>,
  user: User,
  presented: Pick<UserActor, 'credential' | 'origin'>,
): Promise<UserAuthentication> {
  if (user.blockedAt !== null) {
    return { accepted: false, refusal: 'blocked', user };
  }
  const roles = await store.members.rolesOf(user.id);
  return { accepted: true, actor: { kind: 'user', user, roles, ...presented } };
}
