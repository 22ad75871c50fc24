import type { JSX } from 'preact';
import { isVisibility } from '../../../access/project.js';
import { createProject } from '../../../services/projects.js';
import { ADDRESSES } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import { hasErrors, type Errors } from '../../form-errors.js';
import { Band } from '../../parts/band.js';
import { Choices } from '../../parts/choices.js';
import { FormErrors, PostForm } from '../../parts/form.js';
import { VISIBILITY_CHOICES } from '../../visibility-choices.js';
import {
  page,
  redirectSaying,
  type Answer,
  type SignedInVisit,
  type WebDeps,
} from '../../visit.js';
import { mayMake } from './offer.js';
import { NowhereToMake, pathIn, readChoice, Where, whereErrors, type Choice } from './where.js';

export async function newProjectPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  if (visit.method === 'GET') {
    return await show(deps, visit, {});
  }
  const visibility = fieldText(visit.form, 'visibility');
  try {
    const project = await createProject(deps, visit.actor, {
      path: pathIn(visit),
      visibility: isVisibility(visibility) ? visibility : 'private',
    });
    return redirectSaying(visit, `/${project.path}`, 'project-created', project.path);
  } catch (error) {
    return await show(deps, visit, whereErrors(error));
  }
}

async function show(deps: WebDeps, visit: SignedInVisit, errors: Errors): Promise<Answer> {
  const choice = await readChoice(deps, visit);
  const body = mayMake(visit) ? (
    <NewProject visit={visit} choice={choice} errors={errors} />
  ) : (
    <NowhereToMake of="project" />
  );
  return page('New project', body, {
    status: hasErrors(errors) ? 422 : 200,
    band: (
      <Band
        crumbs={[
          { label: 'Home', href: ADDRESSES.home.path },
          { label: 'New project', href: null },
        ]}
        title="New project"
        note="It gets an empty git repository, and owns the images of its path and below. You become its owner."
      />
    ),
  });
}

function NewProject(props: {
  readonly visit: SignedInVisit;
  readonly choice: Choice;
  readonly errors: Errors;
}): JSX.Element {
  const { visit, errors } = props;
  return (
    <div class="form measure">
      <FormErrors
        errors={errors}
        notDone="No project was created."
        fields={[
          ['namespace', 'namespace', 'the namespace'],
          ['name', 'name', 'the name'],
        ]}
      />
      <section class="card" aria-label="New project">
        <PostForm action={ADDRESSES['new-project'].path} csrf={visit.csrf} class="form padded">
          <Where {...props} of="project" />
          <Choices
            id="visibility"
            name="visibility"
            legend="Visibility"
            type="radio"
            choices={VISIBILITY_CHOICES}
            chosen={[fieldText(visit.form, 'visibility') || 'private']}
          />
          <div class="actions">
            <button type="submit" class="button primary">
              Create project
            </button>
            <a class="button" href={ADDRESSES.home.path}>
              Cancel
            </a>
          </div>
        </PostForm>
      </section>
    </div>
  );
}
