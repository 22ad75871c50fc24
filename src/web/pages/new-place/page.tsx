import type { ComponentChildren, JSX } from 'preact';
import { isVisibility } from '../../../access/project.js';
import { createNamespace } from '../../../services/namespaces.js';
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

/** A page that makes a project or a namespace. */
interface Maker {
  readonly of: 'project' | 'namespace';
  readonly note: string;
  /** What is asked beside its path. */
  readonly more: (visit: SignedInVisit) => ComponentChildren;
  readonly make: (deps: WebDeps, visit: SignedInVisit) => Promise<{ readonly path: string }>;
}

const NEW_PROJECT: Maker = {
  of: 'project',
  note: 'It gets an empty git repository, and owns the images of its path and below. You become its owner.',
  more: (visit) => (
    <Choices
      id="visibility"
      name="visibility"
      legend="Visibility"
      type="radio"
      choices={VISIBILITY_CHOICES}
      chosen={[fieldText(visit.form, 'visibility') || 'private']}
    />
  ),
  async make(deps, visit) {
    const visibility = fieldText(visit.form, 'visibility');
    return await createProject(deps, visit.actor, {
      path: pathIn(visit),
      visibility: isVisibility(visibility) ? visibility : 'private',
    });
  },
};

const NEW_NAMESPACE: Maker = {
  of: 'namespace',
  note: 'Projects and namespaces lie in it. Roles and deploy tokens in it reach everything below. You become its owner.',
  more: () => null,
  make: async (deps, visit) => await createNamespace(deps, visit.actor, pathIn(visit)),
};

export async function newProjectPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  return await answer(NEW_PROJECT, deps, visit);
}

export async function newNamespacePage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  return await answer(NEW_NAMESPACE, deps, visit);
}

async function answer(maker: Maker, deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  if (visit.method === 'GET') {
    return await show(maker, deps, visit, {});
  }
  try {
    const { path } = await maker.make(deps, visit);
    return redirectSaying(visit, `/${path}`, `${maker.of}-created`, path);
  } catch (error) {
    return await show(maker, deps, visit, whereErrors(error));
  }
}

async function show(
  maker: Maker,
  deps: WebDeps,
  visit: SignedInVisit,
  errors: Errors,
): Promise<Answer> {
  const choice = await readChoice(deps, visit);
  const title = `New ${maker.of}`;
  const body = mayMake(visit) ? (
    <NewPlace maker={maker} visit={visit} choice={choice} errors={errors} />
  ) : (
    <NowhereToMake of={maker.of} />
  );
  return page(title, body, {
    status: hasErrors(errors) ? 422 : 200,
    band: (
      <Band
        crumbs={[
          { label: 'Home', href: ADDRESSES.home.path },
          { label: title, href: null },
        ]}
        title={title}
        note={maker.note}
      />
    ),
  });
}

function NewPlace(props: {
  readonly maker: Maker;
  readonly visit: SignedInVisit;
  readonly choice: Choice;
  readonly errors: Errors;
}): JSX.Element {
  const { maker, visit, choice, errors } = props;
  const { of } = maker;
  return (
    <div class="form measure">
      <FormErrors
        errors={errors}
        notDone={`No ${of} was created.`}
        fields={[
          ['namespace', 'namespace', 'the namespace'],
          ['name', 'name', 'the name'],
        ]}
      />
      <section class="card" aria-label={`New ${of}`}>
        <PostForm action={ADDRESSES[`new-${of}`].path} csrf={visit.csrf} class="form padded">
          <Where visit={visit} choice={choice} errors={errors} of={of} />
          {maker.more(visit)}
          <div class="actions">
            <button type="submit" class="button primary">
              Create {of}
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
