import type { Project } from '../../../access/project.js';
import { lastUsesOf } from '../../../services/deploy-token-uses.js';
import { revokeDeployToken } from '../../../services/deploy-tokens.js';
import { addressOf, type Address } from '../../addresses.js';
import { RevokeQuestion, tokenAddress } from '../../deploy-token-parts.js';
import { projectFrame } from '../../project-frame.js';
import { redirectSaying, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { findTokenIn } from '../deploy-token/find.js';

/** Asks once more, by name; then revokes. */
export async function revokePage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
  { id }: Pick<Address, 'id'>,
): Promise<Answer> {
  const token = await findTokenIn(deps, visit, project, id);
  if (visit.method === 'POST') {
    visit.record.deployToken = token.id;
    await revokeDeployToken(deps, visit.actor, token.id);
    const list = addressOf('repository', { project: project.path });
    return redirectSaying(visit, list, 'token-revoked', token.name);
  }
  const uses = await lastUsesOf(deps, [token]);
  const own = tokenAddress(project.path, token.id);
  return projectFrame(visit, project, 'repository', {
    title: `Revoke ${token.name}?`,
    crumbs: [
      { label: 'Deploy Tokens', href: addressOf('repository', { project: project.path }) },
      { label: token.name, href: own },
    ],
    body: (
      <section class="ask" aria-labelledby="revoke">
        <RevokeQuestion
          id="revoke"
          project={project}
          token={token}
          use={uses.get(token.id) ?? null}
          now={deps.now()}
          csrf={visit.csrf}
          keepIt={{ href: own }}
        />
      </section>
    ),
  });
}
