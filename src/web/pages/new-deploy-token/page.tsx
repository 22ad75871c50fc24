import type { Project } from '../../../access/project.js';
import { Secret } from '../../../credentials.js';
import { createDeployToken } from '../../../services/deploy-tokens.js';
import { onlyOnce } from '../../../services/sessions.js';
import { addressOf } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import { fieldErrors, hasErrors, type Errors } from '../../form-errors.js';
import { projectFrame } from '../../project-frame.js';
import { redirectSaying, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { NewDeployToken } from './created.js';
import { NewDeployTokenForm } from './form.js';
import { parseInput } from './input.js';

/** The form that makes a deploy token; its answer is the one page that shows the secret. */
export async function newDeployTokenPage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
): Promise<Answer> {
  if (visit.method === 'GET') {
    return show(deps, visit, project, {});
  }
  const { input, errors } = parseInput(visit.form, deps.now());
  if (hasErrors(errors)) {
    return show(deps, visit, project, errors);
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
      const list = addressOf('repository', { project: project.path });
      return redirectSaying(visit, list, 'form-used');
    }
    visit.record.deployToken = created.token.id;
    return projectFrame(visit, project, 'repository', {
      title: `Save the secret of ${created.token.name}`,
      crumbs: [...crumbs(project), { label: created.token.name, href: null }],
      body: (
        <NewDeployToken
          deps={deps}
          project={project}
          who={fieldText(visit.form, 'who')}
          {...created}
        />
      ),
    });
  } catch (error) {
    return show(deps, visit, project, fieldErrors(error));
  }
}

function show(deps: WebDeps, visit: SignedInVisit, project: Project, errors: Errors): Answer {
  return projectFrame(visit, project, 'repository', {
    title: 'New deploy token',
    crumbs: [...crumbs(project), { label: 'New deploy token', href: null }],
    status: hasErrors(errors) ? 422 : 200,
    body: (
      <NewDeployTokenForm
        visit={visit}
        project={project}
        errors={errors}
        nonce={Secret.generate().reveal()}
        now={deps.now()}
      />
    ),
  });
}

function crumbs(project: Project): { label: string; href: string }[] {
  return [{ label: 'Deploy Tokens', href: addressOf('repository', { project: project.path }) }];
}
