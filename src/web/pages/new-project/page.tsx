import type { JSX } from 'preact';
import { isVisibility } from '../../../access/project.js';
import { createProject } from '../../../services/projects.js';
import { ADDRESSES } from '../../addresses.js';
import { fieldText, type Fields } from '../../fields.js';
import { fieldErrors, hasErrors, type Errors } from '../../form-errors.js';
import { Band } from '../../parts/band.js';
import { Choices } from '../../parts/choices.js';
import { Field } from '../../parts/field.js';
import { FormErrors, PostForm } from '../../parts/form.js';
import { VISIBILITY_CHOICES } from '../../visibility-choices.js';
import {
  page,
  redirectSaying,
  type Answer,
  type SignedInVisit,
  type WebDeps,
} from '../../visit.js';

export async function newProjectPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  if (visit.method === 'GET') {
    return newProjectForm(visit, {});
  }
  const visibility = fieldText(visit.form, 'visibility');
  try {
    const project = await createProject(deps, visit.actor, {
      path: fieldText(visit.form, 'path').trim(),
      visibility: isVisibility(visibility) ? visibility : 'private',
    });
    return redirectSaying(visit, `/${project.path}`, 'project-created', project.path);
  } catch (error) {
    return newProjectForm(visit, fieldErrors(error));
  }
}

function newProjectForm({ csrf, form }: SignedInVisit, errors: Errors): Answer {
  return page('New project', <NewProject csrf={csrf} form={form} errors={errors} />, {
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
  readonly csrf: string;
  readonly form: Fields;
  readonly errors: Errors;
}): JSX.Element {
  const { form, errors } = props;
  return (
    <div class="form measure">
      <FormErrors
        errors={errors}
        notDone="No project was created."
        fields={[['path', 'path', 'the path']]}
      />
      <section class="card" aria-label="New project">
        <PostForm action={ADDRESSES['new-project'].path} csrf={props.csrf} class="form padded">
          <Field
            id="path"
            name="path"
            label="Path"
            hint="A group and a name, such as tanuki/awesome_project. It becomes part of image names and clone addresses."
            value={fieldText(form, 'path')}
            error={errors['path']}
            maxlength={255}
            required
            autofocus
          />
          <Choices
            id="visibility"
            name="visibility"
            legend="Visibility"
            type="radio"
            choices={VISIBILITY_CHOICES}
            chosen={[fieldText(form, 'visibility') || 'private']}
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
