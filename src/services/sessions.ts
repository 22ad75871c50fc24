import type { Origin, UserActor } from '../access/actor.js';
import { AppError, type ErrorCode } from '../access/errors.js';
import type { Page, PageRequest } from '../access/page.js';
import { isSessionAlive, type Session } from '../access/session.js';
import { Secret, type Credentials } from '../credentials.js';
import type { Store } from '../store/open-store.js';
import type { SessionChoice } from '../store/session-store.js';
import { authenticate, type AuthenticateDeps, type Refused } from './authenticate.js';
import { requireAccount } from './requirements.js';
import { goingFirst, STRANGERS, writeAs, writerOf, type WritingDeps } from './writing.js';

const MINUTE_MS = 60_000;
/** How stale `lastSeenAt` may be: a page view writes to the database at most this often. */
const TOUCH_MS = MINUTE_MS;
const MAX_CLIENT = 255;

export interface SessionDeps extends AuthenticateDeps {
  readonly store: Store;
  /** `web.session_idle_minutes` */
  readonly idleMinutes: number;
  /** `web.session_hours` */
  readonly hours: number;
}

export interface SignedIn {
  readonly session: Session;
  readonly actor: UserActor;
}

export interface StartedSession extends SignedIn {
  /** Made here, never taken from the browser, and returned once. */
  readonly secret: Secret;
}

export interface NewSession {
  /** The session that the browser had until now, if any: it ends, and its secret with it. */
  readonly previous: Session | null;
  readonly client: string;
}

export type SignIn = (StartedSession & { readonly accepted: true }) | Refused;

/** With a username and a password. */
export async function signIn(
  deps: SessionDeps,
  credentials: Credentials,
  session: NewSession,
  origin: Origin,
): Promise<SignIn> {
  const authentication = await authenticate(deps, { credentials }, origin);
  if (!authentication.accepted) {
    await recordRefusedSignIn(deps, authentication, origin);
    return authentication;
  }
  const { actor } = authentication;
  if (actor.kind !== 'user') {
    return { accepted: false, refusal: 'unknown' };
  }
  return { accepted: true, ...(await startSession(deps, actor, session)) };
}

/** For a user who has proved who they are. */
export async function startSession(
  deps: Omit<SessionDeps, keyof AuthenticateDeps> & Pick<AuthenticateDeps, 'store' | 'now'>,
  actor: UserActor,
  { previous, client }: NewSession,
): Promise<StartedSession> {
  const secret = Secret.generate();
  const session = await writeAs(deps, actor, async ({ stores: { sessions }, at, record }) => {
    const dead = await sessions.findDead(at, idleSince(deps));
    await sessions.remove([...dead, ...(previous === null ? [] : [previous.id])]);
    const subject = { id: actor.user.id, name: actor.user.username };
    await record({ action: 'signed_in', subject });
    return await sessions.add({
      userId: actor.user.id,
      secretDigest: secret.digest(),
      createdAt: at,
      expiresAt: new Date(at.getTime() + deps.hours * 60 * MINUTE_MS),
      client: client.slice(0, MAX_CLIENT),
      address: actor.origin.address ?? '',
    });
  });
  return { session, actor: { ...actor, credential: { kind: 'session', session } }, secret };
}

/**
 * Of an unknown user no name is kept: people type passwords into that field. What the limits on guesses
 * do not count or do not let through is left to the log, or a stranger could fill the database.
 */
async function recordRefusedSignIn(
  { store, now }: SessionDeps,
  { refusal, user, isRepeat = false }: Refused,
  origin: Origin,
): Promise<void> {
  if (refusal === 'rate_limited' || refusal === 'empty' || isRepeat) {
    return;
  }
  const event = {
    at: now(),
    action: 'sign_in_refused',
    actorId: null,
    actor: '',
    projectId: null,
    projectPath: null,
    namespaceId: null,
    namespacePath: null,
    subjectId: user?.id ?? null,
    subject: user?.username ?? '',
    detail: refusal,
    origin,
  } as const;
  await unlessBusy(
    async () =>
      await store.write(
        async ({ auditEvents }) => {
          await auditEvents.add(event);
        },
        { actor: STRANGERS },
      ),
    ['rate_limited'],
  );
}

/** Null for a session that was ended, has run out, or whose user is blocked. Roles are today's. */
export async function findSession(
  deps: SessionDeps,
  secret: Secret,
  origin: Origin,
): Promise<SignedIn | null> {
  const { store } = deps;
  const session = await store.sessions.findByDigest(secret.digest());
  const now = deps.now();
  if (session === null || !isSessionAlive(session, now, deps.idleMinutes)) {
    return null;
  }
  const user = await store.users.findById(session.userId);
  if (user === null || user.blockedAt !== null) {
    return null;
  }
  if (now.getTime() - session.lastSeenAt.getTime() >= TOUCH_MS) {
    await touch(deps, session, now);
  }
  const roles = await store.members.rolesOf(user.id);
  const credential = { kind: 'session', session } as const;
  return { session, actor: { kind: 'user', user, roles, credential, origin } };
}

/** A database that only reads just now still shows pages: the session counts as idle for longer, no more. */
async function touch({ store }: SessionDeps, session: Session, now: Date): Promise<void> {
  await unlessBusy(
    async () =>
      await store.write(
        async ({ sessions }) => {
          await sessions.touch(session.id, now);
        },
        { actor: writerOf(session.userId) },
      ),
    ['unavailable', 'rate_limited'],
  );
}

/** Leaves out a write that the request can do without. */
async function unlessBusy(write: () => Promise<void>, busy: readonly ErrorCode[]): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof AppError && busy.includes(error.code))) {
      throw error;
    }
  }
}

/** Those still alive, the one used last first. */
export async function pageOfSessions(
  deps: SessionDeps,
  actor: UserActor,
  page: PageRequest,
): Promise<Page<Session>> {
  const userId = actor.user.id;
  requireAccount(actor, userId);
  const filter = { userId, now: deps.now(), idleSince: idleSince(deps) };
  return await deps.store.sessions.page(filter, page);
}

/** One of the actor's own; null for any other. */
export async function findOwnSession(
  { store }: Pick<SessionDeps, 'store'>,
  actor: UserActor,
  id: number,
): Promise<Session | null> {
  requireAccount(actor, actor.user.id);
  const session = await store.sessions.findById(id);
  return session?.userId === actor.user.id ? session : null;
}

/** Ends one session of the actor's own; one of somebody else's is left alone. */
export async function endSession(deps: WritingDeps, actor: UserActor, id: number): Promise<void> {
  await endSessions(deps, actor, { only: id });
}

export async function endAllSessions(deps: WritingDeps, actor: UserActor): Promise<void> {
  await endSessions(deps, actor, 'all');
}

async function endSessions(
  deps: WritingDeps,
  actor: UserActor,
  choice: SessionChoice,
): Promise<void> {
  const { id: userId, username } = actor.user;
  await writeAs(goingFirst(deps), actor, async ({ stores, record }) => {
    const ended = await stores.sessions.removeOfUser(userId, choice);
    if (ended > 0) {
      await record({
        action: 'signed_out',
        subject: { id: userId, name: username },
        detail: ended === 1 ? '' : `${ended} sessions`,
      });
    }
  });
}

/**
 * Runs what a form does, unless this very form was sent before: a page that shows a secret is the
 * answer to a POST, and reloading it sends the POST again. Null then.
 */
export async function onlyOnce<T>(
  { store }: Pick<SessionDeps, 'store'>,
  session: Session,
  nonce: Secret,
  work: () => Promise<T>,
): Promise<T | null> {
  const digest = new Secret(`${session.id}:${nonce.reveal()}`).digest();
  const turn = { actor: writerOf(session.userId) };
  const isFirst = await store.write(
    async ({ sessions }) => await sessions.useForm(session.id, digest),
    turn,
  );
  if (!isFirst) {
    return null;
  }
  try {
    return await work();
  } catch (error) {
    await store.write(async ({ sessions }) => {
      await sessions.forgetForm(digest);
    }, turn);
    throw error;
  }
}

function idleSince({ now, idleMinutes }: Pick<SessionDeps, 'now' | 'idleMinutes'>): Date {
  return new Date(now().getTime() - idleMinutes * MINUTE_MS);
}
