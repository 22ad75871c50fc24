import { isDeployTokenScope } from '../../../access/deploy-token.js';
import { parseExpiryDate } from '../../../access/expiry.js';
import type { PageRequest } from '../../../access/page.js';
import type { Project } from '../../../access/project.js';
import { Secret } from '../../../credentials.js';
import {
  createDeployToken,
  deployTokenProblems,
  pageOfDeployTokens,
  type DeployTokenInput,
} from '../../../services/deploy-tokens.js';
import { lastUsesOf } from '../../../services/deploy-token-uses.js';
import { onlyOnce } from '../../../services/sessions.js';
import { usernamesOf } from '../../../services/users.js';
import { addressOf } from '../../addresses.js';
import { fieldText, fieldTexts, type Fields } from '../../fields.js';
import { fieldErrors, hasErrors, NO_SUCH_DATE, type Errors } from '../../form-errors.js';
import { pageIn } from '../../paging.js';
import { page, redirect, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import type { DeployTokenList } from './list.js';
import { DeployTokenSection } from './section.js';
import { NewDeployToken } from './created.js';
import { ProjectFrame } from '../../project-frame.js';

const COUNT_ALONE: PageRequest = { limit: 0, start: { after: null }, total: true };

/** Settings › Repository. */
export async function deployTokensPage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
): Promise<Answer> {
  return visit.method === 'POST'
    ? await create(deps, visit, project)
    : await show(deps, visit, project, {});
}

async function create(deps: WebDeps, visit: SignedInVisit, project: Project): Promise<Answer> {
  const { input, errors } = parseInput(visit.form, deps.now());
  if (hasErrors(errors)) {
    return await show(deps, visit, project, errors);
  }
  const nonce = new Secret(fieldText(visit.form, 'nonce'));
  try {
    const created = await onlyOnce(
      deps,
      visit.session,
      nonce,
      async () => await createDeployToken(deps, visit.actor, project, input),
    );
    if (created === null) {
      return redirect(addressOf('repository', { project: project.path }), 'form-used');
    }
    visit.record.deployToken = created.token.id;
    return page(
      'Your new deploy token',
      <ProjectFrame visit={visit} project={project} current="repository">
        <NewDeployToken deps={deps} project={project} {...created} />
      </ProjectFrame>,
    );
  } catch (error) {
    return await show(deps, visit, project, fieldErrors(error));
  }
}

function parseInput(form: Fields, now: Date): { input: DeployTokenInput; errors: Errors } {
  const dateText = fieldText(form, 'expires_at').trim();
  const expiresAt = parseExpiryDate(dateText);
  const input = {
    name: fieldText(form, 'name'),
    scopes: fieldTexts(form, 'scopes').filter(isDeployTokenScope),
    expiresAt,
    username: fieldText(form, 'username').trim() || null,
  };
  const errors = {
    ...deployTokenProblems(input, now),
    ...(input.name.trim() === '' && { name: 'Enter a name, to tell what the token is for.' }),
    ...(dateText !== '' && expiresAt === null && { expires_at: NO_SUCH_DATE }),
  };
  return { input, errors };
}

async function show(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
  errors: Errors,
): Promise<Answer> {
  const showsInactive = fieldText(visit.query, 'show') === 'inactive';
  return page(
    `Repository settings · ${project.path}`,
    <ProjectFrame visit={visit} project={project} current="repository">
      <DeployTokenSection
        visit={visit}
        project={project}
        errors={errors}
        nonce={Secret.generate().reveal()}
        now={deps.now()}
        list={await listOf(deps, visit, project, showsInactive)}
      />
    </ProjectFrame>,
    hasErrors(errors) ? 422 : 200,
  );
}

/** Newest first; of the tokens that are not shown, only how many there are. */
async function listOf(
  deps: WebDeps,
  { actor, query }: SignedInVisit,
  project: Project,
  showsInactive: boolean,
): Promise<DeployTokenList> {
  const filter = { project, direction: 'DESC' } as const;
  const active = await pageOfDeployTokens(
    deps,
    actor,
    { ...filter, state: 'active' },
    showsInactive ? COUNT_ALONE : pageIn(query),
  );
  const inactive = await pageOfDeployTokens(
    deps,
    actor,
    { ...filter, state: 'inactive' },
    showsInactive ? pageIn(query) : COUNT_ALONE,
  );
  const tokens = showsInactive ? inactive : active;
  const names = await usernamesOf(
    deps,
    tokens.items.flatMap(({ createdBy, revokedBy }) => [createdBy, revokedBy]),
  );
  const uses = await lastUsesOf(deps, tokens.items);
  return {
    tokens,
    names,
    uses,
    showsInactive,
    activeCount: active.total,
    inactiveCount: inactive.total,
  };
}
