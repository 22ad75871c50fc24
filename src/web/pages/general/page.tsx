import type { JSX } from 'preact';
import { AppError } from '../../../access/errors.js';
import { isVisibility, type Project } from '../../../access/project.js';
import {
  addImagePrefix,
  imagePrefixesOf,
  removeImagePrefix,
} from '../../../services/image-prefixes.js';
import { removeProject } from '../../../services/project-removal.js';
import {
  setArchived,
  setDefaultBranch,
  setVisibility,
} from '../../../services/project-settings.js';
import { countDeployTokens } from '../../../services/deploy-token-overview.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { endOfDeployTokens } from '../../deploy-token-parts.js';
import { fieldText } from '../../fields.js';
import { changeOrShow, hasErrors, type Errors } from '../../form-errors.js';
import { Card, CardBody } from '../../parts/card.js';
import { Choices } from '../../parts/choices.js';
import { Field } from '../../parts/field.js';
import { PostForm } from '../../parts/form.js';
import { placeFrame } from '../../place-frame.js';
import {
  redirect,
  redirectSaying,
  type Answer,
  type SignedInVisit,
  type WebDeps,
} from '../../visit.js';
import { VISIBILITY_CHOICES } from '../../visibility-choices.js';
import { ImagePrefixes, RemovePrefixPage } from './image-prefixes.js';
import { ArchiveFirst, ArchivePage, VisibilityPage } from './questions.js';

export async function generalPage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
): Promise<Answer> {
  return await changeOrShow(
    visit,
    async () => await change(deps, visit, project),
    async (errors) =>
      (await ask(deps, visit, project)) ?? (await show(deps, visit, project, errors)),
  );
}

async function change(deps: WebDeps, visit: SignedInVisit, project: Project): Promise<Answer> {
  const { actor, form } = visit;
  const { path } = project;
  const here = addressOf('general', { place: path });
  switch (fieldText(form, 'do')) {
    case 'visibility': {
      const visibility = fieldText(form, 'visibility');
      if (!isVisibility(visibility)) {
        throw new AppError('invalid_input', 'Choose a visibility.', { field: 'visibility' });
      }
      await setVisibility(deps, actor, project, visibility);
      return redirectSaying(visit, here, 'visibility-changed', visibility);
    }
    case 'default-branch': {
      const branch = fieldText(form, 'default_branch').trim();
      await setDefaultBranch(deps, actor, project, branch);
      return redirectSaying(visit, here, 'default-branch-changed', branch);
    }
    case 'archive':
      await setArchived(deps, actor, project, 'archived');
      return redirectSaying(visit, here, 'archived', path);
    case 'unarchive':
      await setArchived(deps, actor, project, 'active');
      return redirectSaying(visit, here, 'unarchived', path);
    case 'add-prefix': {
      const prefix = await addImagePrefix(deps, actor, project, fieldText(form, 'prefix').trim());
      return redirectSaying(visit, here, 'prefix-added', prefix);
    }
    case 'remove-prefix': {
      const prefix = fieldText(form, 'prefix');
      await removeImagePrefix(deps, actor, project, prefix);
      return redirectSaying(visit, here, 'prefix-removed', prefix);
    }
    case 'remove':
      if (fieldText(form, 'path').trim() !== path) {
        throw new AppError('invalid_input', `Type ${path} to confirm.`, { field: 'path' });
      }
      await removeProject(deps, actor, project);
      return redirectSaying(visit, ADDRESSES.home.path, 'project-removed', path);
    default:
      return redirect(here);
  }
}

/** The question before something is taken away; null where the address asks for none. */
async function ask(deps: WebDeps, visit: SignedInVisit, project: Project): Promise<Answer | null> {
  const question = visit.method === 'GET' ? await questionOf(deps, visit, project) : null;
  return question && placeFrame(visit, project, 'general', question);
}

async function questionOf(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
): Promise<{ readonly title: string; readonly body: JSX.Element } | null> {
  const { query, actor } = visit;
  const { path } = project;
  const props = { visit, project };
  const visibility = fieldText(query, 'visibility');
  if (isVisibility(visibility) && visibility !== project.visibility) {
    const title = `Make ${path} ${visibility}?`;
    return { title, body: <VisibilityPage {...props} visibility={visibility} /> };
  }
  if (fieldText(query, 'archive') !== '' && project.archivedAt === null) {
    return { title: `Archive ${path}?`, body: <ArchivePage {...props} /> };
  }
  const prefix = fieldText(query, 'prefix');
  return prefix !== '' && (await imagePrefixesOf(deps, actor, project)).includes(prefix)
    ? { title: `Remove ${prefix}?`, body: <RemovePrefixPage {...props} prefix={prefix} /> }
    : null;
}

async function show(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
  errors: Errors,
): Promise<Answer> {
  const prefixes = await imagePrefixesOf(deps, visit.actor, project);
  const { defaultBranch } = await deps.repositories.describe(project.id);
  const { active } = await countDeployTokens(deps, visit.actor, project);
  return placeFrame(visit, project, 'general', {
    title: 'General settings',
    status: hasErrors(errors) ? 422 : 200,
    body: (
      <div class="col measure">
        <VisibilityCard visit={visit} project={project} errors={errors} />
        <DefaultBranchCard
          visit={visit}
          project={project}
          defaultBranch={defaultBranch}
          errors={errors}
        />
        <ImagePrefixes visit={visit} project={project} prefixes={prefixes} errors={errors} />
        <ArchiveCard visit={visit} project={project} />
        <RemoveCard visit={visit} project={project} deployTokens={active} errors={errors} />
      </div>
    ),
  });
}

interface CardProps {
  readonly visit: SignedInVisit;
  readonly project: Project;
}

function VisibilityCard(props: CardProps & { readonly errors: Errors }): JSX.Element {
  const { visit, project, errors } = props;
  return (
    <Card id="visibility-title" title="Visibility">
      <CardBody>
        <form method="get" action={addressOf('general', { place: project.path })} class="form">
          <Choices
            id="visibility"
            name="visibility"
            legend="Who sees this project"
            type="radio"
            choices={VISIBILITY_CHOICES}
            chosen={[fieldText(visit.form, 'visibility') || project.visibility]}
            error={errors['visibility']}
          />
          <button type="submit" class="button primary">
            Change visibility…
          </button>
        </form>
      </CardBody>
    </Card>
  );
}

function DefaultBranchCard(
  props: CardProps & { readonly defaultBranch: string; readonly errors: Errors },
): JSX.Element {
  const { visit, project, defaultBranch, errors } = props;
  return (
    <Card id="default-branch-title" title="Default branch">
      <CardBody>
        <PostForm action={addressOf('general', { place: project.path })} csrf={visit.csrf}>
          <Field
            id="default-branch"
            name="default_branch"
            label="Branch that clones check out"
            hint="One that was pushed. While there is none, the first to come takes its place."
            value={fieldText(visit.form, 'default_branch') || defaultBranch}
            error={errors['default_branch']}
            maxlength={255}
            required
          />
          <button type="submit" class="button" name="do" value="default-branch">
            Save default branch
          </button>
        </PostForm>
      </CardBody>
    </Card>
  );
}

function ArchiveCard({ visit, project }: CardProps): JSX.Element {
  const isArchived = project.archivedAt !== null;
  return (
    <Card id="archive-title" title={isArchived ? 'Unarchive' : 'Archive'}>
      <CardBody>
        <p>
          {isArchived
            ? 'Let people push to this project again.'
            : 'Make everything in this project read-only. Its deploy tokens still pull and clone.'}
        </p>
        {isArchived ? (
          <PostForm action={addressOf('general', { place: project.path })} csrf={visit.csrf}>
            <button type="submit" class="button" name="do" value="unarchive">
              Unarchive project
            </button>
          </PostForm>
        ) : (
          <div class="actions">
            <ArchiveFirst visit={visit} project={project} />
          </div>
        )}
      </CardBody>
    </Card>
  );
}

function RemoveCard(
  props: CardProps & { readonly deployTokens: number; readonly errors: Errors },
): JSX.Element {
  const { visit, project, deployTokens, errors } = props;
  return (
    <Card id="remove-title" title="Remove" kind="danger">
      <CardBody>
        <p>
          {endOfDeployTokens(deployTokens)} Nobody can reach its images and its git repository any
          more. The path stays reserved until an operator frees it.
        </p>
        <PostForm action={addressOf('general', { place: project.path })} csrf={visit.csrf}>
          <Field
            id="path"
            name="path"
            label={`Type ${project.path} to confirm`}
            value={fieldText(visit.form, 'path')}
            error={errors['path'] ?? errors['form']}
            required
          />
          <button type="submit" class="button solid" name="do" value="remove">
            Remove project
          </button>
        </PostForm>
      </CardBody>
    </Card>
  );
}
