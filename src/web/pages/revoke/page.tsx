import { AppError } from '../../../access/errors.js';
import type { Project } from '../../../access/project.js';
import { findDeployToken, revokeDeployToken } from '../../../services/deploy-tokens.js';
import { addressOf, type Address } from '../../addresses.js';
import { page, redirect, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { RevokeQuestion } from '../repository/table.js';
import { ProjectFrame } from '../../project-frame.js';

/** Asks once more, by name; then revokes. */
export async function revokePage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
  { id }: Pick<Address, 'id'>,
): Promise<Answer> {
  const tokenId = id ?? 0;
  const { token } = await findDeployToken(deps, visit.actor, tokenId);
  // A token of another project has no page here, whoever may manage that project.
  if (token.projectId !== project.id) {
    throw new AppError('not_found', `There is no deploy token ${tokenId}.`);
  }
  const list = addressOf('repository', { project: project.path });
  if (visit.method === 'POST') {
    visit.record.deployToken = token.id;
    await revokeDeployToken(deps, visit.actor, token.id);
    return redirect(list, 'token-revoked');
  }
  return page(
    'Revoke a deploy token',
    <ProjectFrame visit={visit} project={project} current="repository">
      <div class="card medium">
        <RevokeQuestion token={token} titleId="revoke" action={visit.path} csrf={visit.csrf}>
          <a class="button" href={`${list}?show=active`}>
            Cancel
          </a>
        </RevokeQuestion>
      </div>
    </ProjectFrame>,
  );
}
