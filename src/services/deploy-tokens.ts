import type { Actor } from '../access/actor.js';
import {
  DEPLOY_TOKEN_SCOPES,
  isDeployTokenUsername,
  type DeployToken,
  type DeployTokenScope,
} from '../access/deploy-token.js';
import { AppError, type Problems } from '../access/errors.js';
import { expiryText, isExpired } from '../access/expiry.js';
import { isAllowed } from '../access/permissions.js';
import type { Page, PageRequest } from '../access/page.js';
import type { Project } from '../access/project.js';
import { Secret } from '../credentials.js';
import type { DeployTokenFilter } from '../store/deploy-token-store.js';
import type { Store, Stores } from '../store/open-store.js';
import { labelProblem, problemsOf, requireNoProblems } from './problems.js';
import { requireManage, requireOversight, requireSeeSettings, userIdOf } from './requirements.js';
import { goingFirst, writeAs, writeToProject } from './writing.js';

export interface DeployTokenDeps {
  readonly store: Store;
  readonly now: () => Date;
  readonly tokenPrefix: string;
}

export interface DeployTokenInput {
  readonly name: string;
  readonly scopes: readonly DeployTokenScope[];
  readonly expiresAt: Date | null;
  /** Null for the default, `deploy-token-<id>`. */
  readonly username: string | null;
}

/** Everything that is wrong with the input. */
export function deployTokenProblems(
  { name, scopes, expiresAt, username }: DeployTokenInput,
  now: Date,
): Problems {
  return problemsOf({
    name: labelProblem('name of a deploy token', name),
    scopes:
      scopes.length === 0
        ? `A deploy token needs at least one scope: ${DEPLOY_TOKEN_SCOPES.join(', ')}.`
        : null,
    expires_at: isExpired(expiresAt, now)
      ? 'The expiry date must lie in the future: a deploy token is dead from 00:00 UTC of that date.'
      : null,
    username:
      username === null || isDeployTokenUsername(username)
        ? null
        : 'The username of a deploy token has 1 to 255 letters, digits, dots, dashes, underscores or plus signs.',
  });
}

/** The secret is returned here, once, and cannot be read again: only its digest is stored. */
export async function createDeployToken(
  deps: DeployTokenDeps,
  actor: Actor,
  project: Project,
  input: DeployTokenInput,
): Promise<{ token: DeployToken; secret: Secret }> {
  requireManage(actor, project);
  requireNoProblems(deployTokenProblems(input, deps.now()));
  const secret = Secret.generate(deps.tokenPrefix);
  const token = await writeToProject(deps, actor, project, async (writing) => {
    const { stores, at, record } = writing;
    const added = await stores.deployTokens.add({
      projectId: project.id,
      name: input.name.trim(),
      username: input.username,
      scopes: DEPLOY_TOKEN_SCOPES.filter((scope) => input.scopes.includes(scope)),
      expiresAt: input.expiresAt,
      secretDigest: secret.digest(),
      createdAt: at,
      createdBy: userIdOf(writing.actor),
    });
    const detail = [...added.scopes, expiryText(added.expiresAt)].join(', ');
    await record({
      action: 'deploy_token_created',
      project: writing.project,
      subject: added,
      detail,
    });
    return added;
  });
  return { token, secret };
}

export interface DeployTokenSelection extends Pick<DeployTokenFilter, 'state' | 'direction'> {
  /** Null for those of every project. */
  readonly project: Project | null;
}

export async function pageOfDeployTokens(
  { store, now }: Pick<DeployTokenDeps, 'store' | 'now'>,
  actor: Actor,
  { project, ...filter }: DeployTokenSelection,
  page: PageRequest,
): Promise<Page<DeployToken>> {
  if (project === null) {
    requireOversight(actor);
  } else {
    requireSeeSettings(actor, project);
  }
  const projectId = project && project.id;
  return await store.deployTokens.page({ ...filter, projectId, now: now() }, page);
}

/** One that was revoked, or is another project's, looks like one that does not exist. */
export async function findDeployTokenOf(
  { store }: Pick<DeployTokenDeps, 'store'>,
  actor: Actor,
  project: Project,
  id: number,
): Promise<DeployToken> {
  requireSeeSettings(actor, project);
  const token = await store.deployTokens.findById(id);
  if (token === null || token.projectId !== project.id || token.revokedAt !== null) {
    throw new AppError('not_found', `${project.path} has no deploy token ${id}.`);
  }
  return token;
}

/** With its project; one that the actor may not see looks like one that does not exist. */
export async function findDeployToken(
  { store }: { readonly store: Pick<Stores, 'deployTokens' | 'projects'> },
  actor: Actor,
  id: number,
): Promise<{ token: DeployToken; project: Project | null }> {
  const token = await store.deployTokens.findById(id);
  const project = token && (await store.projects.findById(token.projectId));
  const maySee =
    project === null ? actor.kind === 'operator' : isAllowed(actor, 'see_settings', project);
  if (token === null || !maySee) {
    throw new AppError('not_found', `There is no deploy token ${id}.`);
  }
  return { token, project };
}

/** In force from the next request on. Revoking twice changes nothing. */
export async function revokeDeployToken(
  deps: Pick<DeployTokenDeps, 'store' | 'now'>,
  actor: Actor,
  id: number,
): Promise<DeployToken> {
  await findManaged(deps, actor, id);
  return await writeAs(goingFirst(deps), actor, async ({ stores, actor: present, at, record }) => {
    const { token, project } = await findManaged({ store: stores }, present, id);
    if (await stores.deployTokens.revoke(id, at, userIdOf(present))) {
      await record({ action: 'deploy_token_revoked', project, subject: token });
    }
    return (await stores.deployTokens.findById(id)) ?? token;
  });
}

async function findManaged(
  deps: Parameters<typeof findDeployToken>[0],
  actor: Actor,
  id: number,
): ReturnType<typeof findDeployToken> {
  const found = await findDeployToken(deps, actor, id);
  if (found.project !== null) {
    requireManage(actor, found.project);
  }
  return found;
}
