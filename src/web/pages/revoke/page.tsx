import type { Owner } from '../../../access/deploy-token.js';
import { lastUsesOf } from '../../../services/deploy-token-uses.js';
import { revokeDeployToken } from '../../../services/deploy-tokens.js';
import type { Address } from '../../addresses.js';
import { RevokeQuestion } from '../../deploy-token-parts.js';
import { tokenAddress, tokensAddress } from '../../owner.js';
import { ownerFrame } from '../../place-frame.js';
import { AskPage } from '../../parts/ask.js';
import { redirectSaying, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { findTokenIn } from '../deploy-token/find.js';

/** Asks once more, by name; then revokes. */
export async function revokePage(
  deps: WebDeps,
  visit: SignedInVisit,
  owner: Owner,
  { id }: Pick<Address, 'id'>,
): Promise<Answer> {
  const token = await findTokenIn(deps, visit, owner, id);
  if (visit.method === 'POST') {
    visit.record.deployToken = token.id;
    await revokeDeployToken(deps, visit.actor, token.id);
    const list = tokensAddress(owner);
    return redirectSaying(visit, list, 'token-revoked', token.name);
  }
  const uses = await lastUsesOf(deps, [token]);
  const own = tokenAddress(owner, token.id);
  return ownerFrame(visit, owner, {
    title: `Revoke ${token.name}?`,
    crumbs: [
      { label: 'Deploy Tokens', href: tokensAddress(owner) },
      { label: token.name, href: own },
    ],
    body: (
      <AskPage
        question={(titleId) => (
          <RevokeQuestion
            id={titleId}
            owner={owner}
            token={token}
            use={uses.get(token.id) ?? null}
            now={deps.now()}
            csrf={visit.csrf}
            keepIt={{ href: own }}
          />
        )}
      />
    ),
  });
}
