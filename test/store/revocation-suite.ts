import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { OPERATOR, type UserActor, type UserCredential } from '../../src/access/actor.js';
import { INSTANCE } from '../../src/access/deploy-token.js';
import { AppError } from '../../src/access/errors.js';
import type { Namespace } from '../../src/access/namespace.js';
import type { Project } from '../../src/access/project.js';
import type { User } from '../../src/access/user.js';
import { Secret } from '../../src/credentials.js';
import type { Repositories } from '../../src/repositories/repositories.js';
import { removeUser } from '../../src/services/account-end.js';
import {
  createAccessToken,
  findAccessToken,
  revokeAccessToken,
  rotateAccessToken,
} from '../../src/services/access-tokens.js';
import { checkPassword } from '../../src/services/authenticate.js';
import { createCredentialLimits } from '../../src/services/credential-limits.js';
import { createDeployToken, revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { addImagePrefix, removeImagePrefix } from '../../src/services/image-prefixes.js';
import { inviteUsers, revokeInvitation } from '../../src/services/invitations.js';
import { beginLfsUpload } from '../../src/services/lfs.js';
import { addMember, removeMember, setMember } from '../../src/services/members.js';
import {
  createNamespace,
  removeNamespace,
  setNamespaceDetails,
} from '../../src/services/namespaces.js';
import {
  freePath,
  removeProject,
  removeProjectAndPath,
} from '../../src/services/project-removal.js';
import {
  setArchived,
  setDefaultBranch,
  setVisibility,
} from '../../src/services/project-settings.js';
import { adoptRepository, createProject } from '../../src/services/projects.js';
import { endAllSessions, endSession, startSession } from '../../src/services/sessions.js';
import {
  changeOwnPassword,
  createUser,
  setAdministrator,
  setBlocked,
  setPassword,
} from '../../src/services/users.js';
import { setProjectDetails, setUserDetails } from '../../src/services/details.js';
import { NO_QUOTAS, type Quotas } from '../../src/services/quotas.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { AN_ORIGIN } from '../support/build.js';
import { endWalk } from '../support/registry-inventory.js';
import { ANY_EVENT } from '../support/rows.js';
import { noRepositories } from '../support/no-repositories.js';
import { passwords } from '../support/passwords.js';
import type { TestedDatabase } from './store-suite.js';

const TOKEN_PREFIX = 'gldt-';
const PASSWORD = new Secret('correct horse battery');
const NEW_PASSWORD = new Secret('battery horse correct');
const NEVER = '9999-01-01';
const AN_OBJECT = {
  bytes: 3,
  place: async () => await Promise.resolve(true),
  discard: async () => {},
};
const NO_END = { expiresAt: null, username: null };

interface Deps {
  readonly store: Store;
  readonly now: () => Date;
  readonly tokenPrefix: string;
  readonly passwords: typeof passwords;
  readonly repositories: Repositories;
  readonly quotas: Quotas;
  readonly longestSeconds: number;
  readonly limits: ReturnType<typeof createCredentialLimits>;
  readonly idleMinutes: number;
  readonly hours: number;
}

/** One attempt's own users and project, so that none is in another's way. */
interface Scene {
  readonly actor: UserActor;
  readonly other: User;
  readonly project: Project;
  /** An empty one in the user's own. */
  readonly namespace: Namespace;
  readonly deployTokenId: number;
  readonly accessTokenId: number;
  readonly invitationId: number;
}

type Write = (deps: Deps, scene: Scene) => Promise<unknown>;
type Revocation = (deps: Deps, scene: Scene) => Promise<unknown>;

const ANY_WRITES: Readonly<Record<string, Write>> = {
  'creating a project': async (deps, { actor }) =>
    await createProject(deps, actor, { path: `${actor.user.username}/new`, visibility: 'private' }),
  'creating a namespace': async (deps, { actor }) =>
    await createNamespace(deps, actor, `${actor.user.username}/new`),
  'changing a namespace': async (deps, { actor, namespace }) =>
    await setNamespaceDetails(deps, actor, namespace, { description: 'new' }),
  'adding a member of a namespace': async (deps, { actor, namespace, other }) => {
    await addMember(deps, actor, namespace, { user: other, role: 'maintainer' });
  },
  'creating a deploy token of a namespace': async (deps, { actor, namespace }) =>
    await createDeployToken(deps, actor, namespace, {
      name: 'new',
      scopes: ['read_registry'],
      ...NO_END,
    }),
  'removing a namespace': async (deps, { actor, namespace }) => {
    await removeNamespace(deps, actor, namespace);
  },
  'creating a personal access token': async (deps, { actor }) =>
    await createAccessToken(deps, actor, actor.user, {
      name: 'new',
      scopes: ['api'],
      expiresAt: null,
    }),
  'revoking a personal access token': async (deps, { actor, accessTokenId }) => {
    await revokeAccessToken(deps, actor, actor.user, accessTokenId);
  },
  'rotating a personal access token': async (deps, { actor, accessTokenId }) => {
    const found = await findAccessToken(deps, actor, accessTokenId);
    await rotateAccessToken(deps, actor, found, null);
  },
  'starting a session': async (deps, { actor }) =>
    await startSession(deps, actor, { previous: null, client: 'test' }),
  'ending a session': async (deps, { actor }) => {
    await endSession(
      deps,
      actor,
      actor.credential.kind === 'session' ? actor.credential.session.id : 0,
    );
  },
  'ending all sessions': async (deps, { actor }) => {
    await endAllSessions(deps, actor);
  },
};

const SIGNED_IN_WRITES: Readonly<Record<string, Write>> = {
  'changing the own password': async (deps, { actor }) => {
    await changeOwnPassword(deps, actor, {
      current: PASSWORD,
      password: NEW_PASSWORD,
      keepSession: 0,
    });
  },
};

const MAINTAINER_WRITES: Readonly<Record<string, Write>> = {
  'creating a deploy token': async (deps, { actor, project }) =>
    await createDeployToken(deps, actor, project, {
      name: 'new',
      scopes: ['read_registry'],
      ...NO_END,
    }),
  'revoking a deploy token': async (deps, { actor, deployTokenId }) =>
    await revokeDeployToken(deps, actor, deployTokenId),
  'adding a member': async (deps, { actor, project, other }) => {
    await addMember(deps, actor, project, { user: other, role: 'maintainer' });
  },
  'changing a role': async (deps, { actor, project, other }) => {
    await setMember(deps, actor, project, { user: other, role: 'owner' });
  },
  'removing a member': async (deps, { actor, project }) => {
    await removeMember(deps, actor, project, actor.user);
  },
  'changing the visibility': async (deps, { actor, project }) =>
    await setVisibility(deps, actor, project, 'public'),
  'changing the default branch': async (deps, { actor, project }) =>
    await setDefaultBranch(deps, actor, project, 'trunk'),
  'changing the description': async (deps, { actor, project }) =>
    await setProjectDetails(deps, actor, project, { description: 'changed' }),
  archiving: async (deps, { actor, project }) =>
    await setArchived(deps, actor, project, 'archived'),
  'reserving room for a Git LFS object': async (deps, { actor, project }) => {
    await beginLfsUpload(deps, actor, project, randomUUID()).arrived(2 * 1024 * 1024);
  },
  'storing a Git LFS object': async (deps, { actor, project }) => {
    await beginLfsUpload(deps, actor, project, randomUUID()).finish(AN_OBJECT);
  },
  'removing the project': async (deps, { actor, project }) => {
    await removeProject(deps, actor, project);
  },
};

const EMPTY_REGISTRY = { holds: async () => await Promise.resolve(false) };

const ADMINISTRATOR_WRITES: Readonly<Record<string, Write>> = {
  'creating a user': async (deps, { actor }) =>
    await createUser(deps, actor, {
      username: `${actor.user.username}-new`,
      displayName: 'New',
      password: PASSWORD,
      isAdmin: true,
    }),
  'inviting somebody': async (deps, { actor, project }) =>
    await inviteUsers(deps, actor, {
      usernames: [`${actor.user.username}-invited`],
      roles: [{ place: project, role: 'owner' }],
    }),
  'revoking an invitation': async (deps, { actor, invitationId }) =>
    await revokeInvitation(deps, actor, invitationId),
  'removing a user': async (deps, { actor, other }) => {
    await removeUser(deps, actor, other);
  },
  'blocking a user': async (deps, { actor, other }) =>
    await setBlocked(deps, actor, other, 'blocked'),
  'changing a user': async (deps, { actor, other }) =>
    await setUserDetails(deps, actor, other, { displayName: 'changed', note: 'changed' }),
  'making an administrator': async (deps, { actor, other }) =>
    await setAdministrator(deps, actor, other, true),
  'adding an image prefix': async (deps, { actor, project }) =>
    await addImagePrefix(deps, actor, project, `new-images/${actor.user.username}`),
  'removing an image prefix': async (deps, { actor, project }) => {
    await removeImagePrefix(deps, actor, project, `images/${actor.user.username}`);
  },
  'creating a deploy token of the instance': async (deps, { actor }) =>
    await createDeployToken(deps, actor, INSTANCE, {
      name: 'new',
      scopes: ['read_registry'],
      ...NO_END,
    }),
  'setting a password': async (deps, { actor, other }) => {
    await setPassword(deps, actor, other, NEW_PASSWORD);
  },
  'adopting a repository': async (deps, { actor, project }) =>
    await adoptRepository(deps, actor, { path: project.path, from: '/nowhere' }),
  'removing the project with its path': async (deps, { actor, project }) => {
    await removeProjectAndPath({ ...deps, registry: EMPTY_REGISTRY }, actor, project);
  },
  'freeing a path': async (deps, { actor }) => {
    await freePath(deps, actor, `removed/${actor.user.username}`);
  },
};

const ENDS_THE_USER: Readonly<Record<string, Revocation>> = {
  'whose credential was revoked': revokeCredential,
  'who was blocked': async (deps, { actor }) =>
    await setBlocked(deps, OPERATOR, actor.user, 'blocked'),
};

const ENDS_THE_ROLE: Readonly<Record<string, Revocation>> = {
  'who was removed from the project': async (deps, { actor, project }) => {
    await removeMember(deps, OPERATOR, project, actor.user);
  },
  'whose role was lowered': async (deps, { actor, project }) => {
    await setMember(deps, OPERATOR, project, { user: actor.user, role: 'reporter' });
  },
  'whose account was removed': async (deps, { actor }) => {
    await removeUser(deps, OPERATOR, actor.user);
  },
  'whose project was removed': async (deps, { project }) => {
    await removeProject(deps, OPERATOR, project);
  },
};

async function revokeCredential(deps: Deps, { actor }: Scene): Promise<void> {
  switch (actor.credential.kind) {
    case 'access_token':
      await revokeAccessToken(deps, OPERATOR, actor.user, actor.credential.token.id);
      break;
    case 'session':
      await endAllSessions(deps, actor);
      break;
    case 'password':
      await setPassword(deps, OPERATOR, actor.user, NEW_PASSWORD);
  }
}

const CREDENTIALS = ['session', 'access_token', 'password'] as const;

/**
 * Nothing is written by whoever lost the authority for it before the writing began: each kind of write,
 * each kind of revocation, and the revocation at every point where the write waits for the database.
 */
export function describeRevocations({ name, create }: TestedDatabase): void {
  describe(`a revocation on ${name} at any moment of a request`, () => {
    let deps: Deps;
    let scenes = 0;

    before(async () => {
      const { store } = await openCurrentStore(await create(), { migrate: true });
      await endWalk(store);
      deps = {
        store,
        now: () => new Date(),
        tokenPrefix: TOKEN_PREFIX,
        passwords,
        repositories: noRepositories,
        quotas: NO_QUOTAS,
        longestSeconds: 3600,
        limits: createCredentialLimits(),
        idleMinutes: 60,
        hours: 24,
      };
    });

    after(async () => {
      await deps.store.close();
    });

    async function refusedAtEveryPoint(
      write: Write,
      revoke: Revocation,
      how: (typeof CREDENTIALS)[number],
      isAdmin: boolean,
    ): Promise<void> {
      for (let point = 1; ; point += 1) {
        scenes += 1;
        const scene = await setScene(deps, `user-${scenes}`, how, isAdmin);
        const interrupted = interruptAt(deps.store, point, async () => {
          await revoke(deps, scene);
        });

        const refusal = await refusalOf(async () => {
          await write({ ...deps, store: interrupted.store }, scene);
        });

        if (!interrupted.happened()) {
          expect(refusal, 'without a revocation').to.equal(null);
          expect(point).to.be.greaterThan(1);
          return;
        }
        expect(refusal?.code, `revoked before question ${point}`).to.be.oneOf([
          'invalid_credentials',
          'forbidden',
          'not_found',
          // Of somebody blocked no password is the current one.
          'invalid_input',
        ]);
        expect(await deedsOf(deps.store, scene.actor), `question ${point}`).to.deep.equal([]);
      }
    }

    for (const how of CREDENTIALS) {
      const isSignedIn = how === 'session';
      const writes = { ...ANY_WRITES, ...(isSignedIn ? SIGNED_IN_WRITES : {}) };
      for (const [revocation, revoke] of Object.entries(ENDS_THE_USER)) {
        for (const [deed, write] of Object.entries({ ...writes, ...MAINTAINER_WRITES })) {
          it(`keeps somebody ${revocation} from ${deed} (${how})`, async () => {
            await refusedAtEveryPoint(write, revoke, how, false);
          });
        }
        for (const [deed, write] of Object.entries(ADMINISTRATOR_WRITES)) {
          it(`keeps an administrator ${revocation} from ${deed} (${how})`, async () => {
            await refusedAtEveryPoint(write, revoke, how, true);
          });
        }
      }
    }

    for (const [revocation, revoke] of Object.entries(ENDS_THE_ROLE)) {
      for (const [deed, write] of Object.entries(MAINTAINER_WRITES)) {
        it(`keeps somebody ${revocation} from ${deed}`, async () => {
          await refusedAtEveryPoint(write, revoke, 'session', false);
        });
      }
    }
  });
}

async function setScene(
  deps: Deps,
  username: string,
  how: (typeof CREDENTIALS)[number],
  isAdmin: boolean,
): Promise<Scene> {
  const account = { displayName: username, password: PASSWORD };
  const user = await createUser(deps, OPERATOR, { ...account, username, isAdmin });
  const other = await createUser(deps, OPERATOR, {
    ...account,
    username: `${username}-other`,
    isAdmin: false,
  });
  const visibility = 'private';
  const project = await createProject(deps, OPERATOR, { path: `apps/${username}`, visibility });
  await setMember(deps, OPERATOR, project, { user, role: 'owner' });
  await addImagePrefix(deps, OPERATOR, project, `images/${username}`);
  const namespace = await createNamespace(deps, OPERATOR, `${username}/empty`);
  const removed = await createProject(deps, OPERATOR, { path: `removed/${username}`, visibility });
  await removeProject(deps, OPERATOR, removed);
  const deployToken = await createDeployToken(deps, OPERATOR, project, {
    name: 'old',
    scopes: ['read_registry'],
    ...NO_END,
  });
  const accessToken = await createAccessToken(deps, OPERATOR, user, {
    name: 'old',
    scopes: ['api'],
    expiresAt: null,
  });
  await deps.store.write(async ({ invitations }) => {
    // Of the scenes before, which would be too many.
    await invitations.removeExpired(new Date(NEVER));
  });
  const [invited] = await inviteUsers(deps, OPERATOR, { usernames: [null], roles: [] });
  return {
    actor: {
      kind: 'user',
      user,
      roles: await deps.store.members.rolesOf(user.id),
      credential: await credentialOf(deps, user, how),
      origin: AN_ORIGIN,
    },
    other,
    project,
    namespace,
    deployTokenId: deployToken.token.id,
    accessTokenId: accessToken.token.id,
    invitationId: invited?.invitation.id ?? 0,
  };
}

async function credentialOf(
  deps: Deps,
  user: User,
  how: (typeof CREDENTIALS)[number],
): Promise<UserCredential> {
  if (how === 'access_token') {
    const input = { name: 'in use', scopes: ['api'], expiresAt: null } as const;
    const { token } = await createAccessToken(deps, OPERATOR, user, input);
    return { kind: 'access_token', token };
  }
  const credentials = { username: user.username, secret: PASSWORD };
  const checked = await checkPassword(deps, credentials, AN_ORIGIN);
  if (!checked.accepted) {
    throw new Error(`the password was refused: ${checked.refusal}`);
  }
  if (how === 'password') {
    return checked.actor.credential;
  }
  const at = deps.now();
  const session = await deps.store.write(
    async ({ sessions }) =>
      await sessions.add({
        userId: user.id,
        secretDigest: Secret.generate().digest(),
        createdAt: at,
        expiresAt: new Date(at.getTime() + 60_000),
        client: 'test',
        address: '192.0.2.1',
      }),
  );
  return { kind: 'session', session };
}

/** The same store; before its `point`th question, something else happens first. */
function interruptAt(
  store: Store,
  point: number,
  happen: () => Promise<void>,
): { readonly store: Store; readonly happened: () => boolean } {
  let questions = 0;
  async function interrupt(): Promise<void> {
    questions += 1;
    if (questions === point) {
      await happen();
    }
  }
  function interrupted<T extends object>(part: T): T {
    return new Proxy(part, {
      get(target, name): unknown {
        const member: unknown = Reflect.get(target, name);
        if (typeof member === 'function') {
          return async (...args: unknown[]): Promise<unknown> => {
            await interrupt();
            return await Reflect.apply(member, target, args);
          };
        }
        return typeof member === 'object' && member !== null ? interrupted(member) : member;
      },
    });
  }
  return { store: interrupted(store), happened: () => questions >= point };
}

async function refusalOf(work: () => Promise<void>): Promise<AppError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof AppError) {
      return error;
    }
    throw error;
  }
}

/** What the trail says that this user did, but for the ending that is part of the test. */
async function deedsOf(store: Store, { user }: UserActor): Promise<string[]> {
  const latest = { limit: 10, start: { after: null }, total: false };
  const { items } = await store.auditEvents.page(ANY_EVENT, latest);
  return items
    .filter(({ actorId, action }) => actorId === user.id && action !== 'signed_out')
    .map(({ action }) => action);
}
