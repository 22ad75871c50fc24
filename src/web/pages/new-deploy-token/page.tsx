import type { Owner } from '../../../access/deploy-token.js';
import { Secret } from '../../../credentials.js';
import { createDeployToken } from '../../../services/deploy-tokens.js';
import { onlyOnce } from '../../../services/sessions.js';
import { fieldText } from '../../fields.js';
import { fieldErrors, hasErrors, type Errors } from '../../form-errors.js';
import { tokensAddress } from '../../owner.js';
import { ownerFrame } from '../../place-frame.js';
import { redirectSaying, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { NewDeployToken } from './created.js';
import { NewDeployTokenForm } from './form.js';
import { parseInput } from './input.js';

/** The form that makes a deploy token; its answer is the one page that shows the secret. */
export async function newDeployTokenPage(
  deps: WebDeps,
  visit: SignedInVisit,
  owner: Owner,
): Promise<Answer> {
  if (visit.method === 'GET') {
    return show(deps, visit, owner, {});
  }
  const { input, errors } = parseInput(visit.form, deps.now());
  if (hasErrors(errors)) {
    return show(deps, visit, owner, errors);
  }
  const nonce = new Secret(fieldText(visit.form, 'nonce'));
  try {
    const created = await onlyOnce(
      deps,
      visit.session,
      nonce,
      async () => await createDeployToken(deps, visit.actor, owner, input),
    );
    if (created === null) {
      return redirectSaying(visit, tokensAddress(owner), 'form-used');
    }
    visit.record.deployToken = created.token.id;
    return ownerFrame(visit, owner, {
      title: `Save the secret of ${created.token.name}`,
      crumbs: [...crumbs(owner), { label: created.token.name, href: null }],
      body: (
        <NewDeployToken deps={deps} owner={owner} who={fieldText(visit.form, 'who')} {...created} />
      ),
    });
  } catch (error) {
    return show(deps, visit, owner, fieldErrors(error));
  }
}

function show(deps: WebDeps, visit: SignedInVisit, owner: Owner, errors: Errors): Answer {
  return ownerFrame(visit, owner, {
    title: 'New deploy token',
    crumbs: [...crumbs(owner), { label: 'New deploy token', href: null }],
    status: hasErrors(errors) ? 422 : 200,
    body: (
      <NewDeployTokenForm
        visit={visit}
        owner={owner}
        errors={errors}
        nonce={Secret.generate().reveal()}
        now={deps.now()}
      />
    ),
  });
}

function crumbs(owner: Owner): { label: string; href: string }[] {
  return [{ label: 'Deploy Tokens', href: tokensAddress(owner) }];
}
