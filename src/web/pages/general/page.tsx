import type { JSX } from 'preact';
import { AppError } from '../../../access/errors.js';
import { isVisibility, type Project } from '../../../access/project.js';
import { removeProject, setArchived, setVisibility } from '../../../services/projects.js';
import { addressOf } from '../../addresses.js';
import { PostForm } from '../../components.js';
import { fieldText } from '../../fields.js';
import { changeOrShow, hasErrors, type Errors } from '../../form-errors.js';
import { Choices, Field } from '../../form-field.js';
import { page, redirect, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { VISIBILITY_CHOICES } from '../../visibility-choices.js';
import { ProjectFrame } from '../../project-frame.js';

export async function generalPage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
): Promise<Answer> {
  return await changeOrShow(
    visit,
    async () => await change(deps, visit, project),
    async (errors) => await Promise.resolve(show(visit, project, errors)),
  );
}

async function change(
  deps: WebDeps,
  { actor, form }: SignedInVisit,
  project: Project,
): Promise<Answer> {
  const here = addressOf('general', { project: project.path });
  switch (fieldText(form, 'do')) {
    case 'visibility': {
      const visibility = fieldText(form, 'visibility');
      if (!isVisibility(visibility)) {
        throw new AppError('invalid_input', 'Choose a visibility.', { field: 'visibility' });
      }
      await setVisibility(deps, actor, project, visibility);
      return redirect(here, 'visibility-changed');
    }
    case 'archive':
      await setArchived(deps, actor, project, 'archived');
      return redirect(here, 'archived');
    case 'unarchive':
      await setArchived(deps, actor, project, 'active');
      return redirect(here, 'unarchived');
    case 'remove':
      if (fieldText(form, 'path').trim() !== project.path) {
        throw new AppError('invalid_input', `Type ${project.path} to confirm.`, { field: 'path' });
      }
      await removeProject(deps, actor, project);
      return redirect('/', 'project-removed');
    default:
      return redirect(here);
  }
}

function show(visit: SignedInVisit, project: Project, errors: Errors): Answer {
  return page(
    `General settings · ${project.path}`,
    <ProjectFrame visit={visit} project={project} current="general">
      <VisibilityCard visit={visit} project={project} errors={errors} />
      <ArchiveCard visit={visit} project={project} />
      <RemoveCard visit={visit} project={project} errors={errors} />
    </ProjectFrame>,
    hasErrors(errors) ? 422 : 200,
  );
}

interface CardProps {
  readonly visit: SignedInVisit;
  readonly project: Project;
}

function VisibilityCard(props: CardProps & { readonly errors: Errors }): JSX.Element {
  const { visit, project, errors } = props;
  return (
    <section class="card" aria-labelledby="visibility-title">
      <h2 id="visibility-title">Visibility</h2>
      <PostForm action={addressOf('general', { project: project.path })} csrf={visit.csrf}>
        <Choices
          id="visibility"
          name="visibility"
          legend="Who sees this project"
          type="radio"
          choices={VISIBILITY_CHOICES}
          chosen={[fieldText(visit.form, 'visibility') || project.visibility]}
          error={errors['visibility']}
        />
        <button type="submit" class="button primary" name="do" value="visibility">
          Save visibility
        </button>
      </PostForm>
    </section>
  );
}

function ArchiveCard({ visit, project }: CardProps): JSX.Element {
  const isArchived = project.archivedAt !== null;
  return (
    <section class="card" aria-labelledby="archive-title">
      <h2 id="archive-title">{isArchived ? 'Unarchive' : 'Archive'}</h2>
      <p>
        {isArchived
          ? 'Let people push to this project again.'
          : 'Make everything in this project read-only. Its deploy tokens still pull and clone.'}
      </p>
      <PostForm action={addressOf('general', { project: project.path })} csrf={visit.csrf}>
        <button type="submit" class="button" name="do" value={isArchived ? 'unarchive' : 'archive'}>
          {isArchived ? 'Unarchive project' : 'Archive project'}
        </button>
      </PostForm>
    </section>
  );
}

function RemoveCard(props: CardProps & { readonly errors: Errors }): JSX.Element {
  const { visit, project, errors } = props;
  return (
    <section class="card danger-zone" aria-labelledby="remove-title">
      <h2 id="remove-title">Remove</h2>
      <p>
        Its deploy tokens are revoked at once, and nobody reaches its images and its repository any
        more. The path stays reserved until an operator frees it.
      </p>
      <PostForm action={addressOf('general', { project: project.path })} csrf={visit.csrf}>
        <Field
          id="path"
          name="path"
          label={`Type ${project.path} to confirm`}
          value={fieldText(visit.form, 'path')}
          error={errors['path'] ?? errors['form']}
          required
        />
        <button type="submit" class="button danger solid" name="do" value="remove">
          Remove project
        </button>
      </PostForm>
    </section>
  );
}
