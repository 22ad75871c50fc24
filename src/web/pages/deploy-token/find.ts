import { isSameOwner, type DeployToken } from '../../../access/deploy-token.js';
import { AppError } from '../../../access/errors.js';
import type { Project } from '../../../access/project.js';
import { findDeployToken } from '../../../services/deploy-tokens.js';
import type { SignedInVisit, WebDeps } from '../../visit.js';

/** A token of another project has no page below this one, whoever may manage that project. */
export async function findTokenIn(
  deps: WebDeps,
  { actor }: Pick<SignedInVisit, 'actor'>,
  project: Project,
  id: number | null,
): Promise<DeployToken> {
  const { token } = await findDeployToken(deps, actor, id ?? 0);
  if (!isSameOwner(token.owner, project)) {
    throw new AppError('not_found', `There is no deploy token ${id ?? 0}.`);
  }
  return token;
}
