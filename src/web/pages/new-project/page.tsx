import type { JSX } from 'preact';
import { isVisibility } from '../../../access/project.js';
import { createProject } from '../../../services/projects.js';
import { ADDRESSES } from '../../addresses.js';
import { Alert, PostForm } from '../../components.js';
import { fieldText, type Fields } from '../../fields.js';
import { fieldErrors, hasErrors, type Errors } from '../../form-errors.js';
import { Choices, Field } from '../../form-field.js';
import { VISIBILITY_CHOICES } from '../../visibility-choices.js';
import { page, redirect, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';

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
    return redirect(`/${project.path}`, 'project-created');
  } catch (error) {
    return newProjectForm(visit, fieldErrors(error));
  }
}

function newProjectForm({ csrf, form }: SignedInVisit, errors: Errors): Answer {
  const body = <NewProject csrf={csrf} form={form} errors={errors} />;
  return page('New project', body, hasErrors(errors) ? 422 : 200);
}

function NewProject(props: {
  readonly csrf: string;
  readonly form: Fields;
  readonly errors: Errors;
}): JSX.Element {
  const { form, errors } = props;
  return (
    <div class="medium">
      <h1>New project</h1>
      <p class="lead">
        It gets an empty git repository, and owns the images of its path and below. You become its
        owner.
      </p>
      <div class="card">
        {errors['form'] !== undefined && <Alert kind="error">{errors['form']}</Alert>}
        <PostForm action={ADDRESSES['new-project'].path} csrf={props.csrf}>
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
            <a class="button" href="/">
              Cancel
            </a>
          </div>
        </PostForm>
      </div>
    </div>
  );
}
