import { isSameOwner, type DeployToken, type Owner } from '../../../access/deploy-token.js';
import { AppError } from '../../../access/errors.js';
import { findDeployToken } from '../../../services/deploy-tokens.js';
import type { SignedInVisit, WebDeps } from '../../visit.js';

/** A token of another owner has no page below this one, whoever may manage that owner. */
export async function findTokenIn(
  deps: WebDeps,
  { actor }: Pick<SignedInVisit, 'actor'>,
  owner: Owner,
  id: number | null,
): Promise<DeployToken> {
  const { token } = await findDeployToken(deps, actor, id ?? 0);
  if (!isSameOwner(token.owner, owner)) {
    throw new AppError('not_found', `There is no deploy token ${id ?? 0}.`);
  }
  return token;
}
