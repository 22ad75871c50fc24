import type { JSX } from 'preact';
import { createNamespace } from '../../../services/namespaces.js';
import { ADDRESSES } from '../../addresses.js';
import { hasErrors, type Errors } from '../../form-errors.js';
import { Band } from '../../parts/band.js';
import { FormErrors, PostForm } from '../../parts/form.js';
import {
  page,
  redirectSaying,
  type Answer,
  type SignedInVisit,
  type WebDeps,
} from '../../visit.js';
import { mayMake } from '../new-project/offer.js';
import {
  NowhereToMake,
  pathIn,
  readChoice,
  Where,
  whereErrors,
  type Choice,
} from '../new-project/where.js';

export async function newNamespacePage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  if (visit.method === 'GET') {
    return await show(deps, visit, {});
  }
  try {
    const { path } = await createNamespace(deps, visit.actor, pathIn(visit));
    return redirectSaying(visit, `/${path}`, 'namespace-created', path);
  } catch (error) {
    return await show(deps, visit, whereErrors(error));
  }
}

async function show(deps: WebDeps, visit: SignedInVisit, errors: Errors): Promise<Answer> {
  const choice = await readChoice(deps, visit);
  const body = mayMake(visit) ? (
    <NewNamespace visit={visit} choice={choice} errors={errors} />
  ) : (
    <NowhereToMake of="namespace" />
  );
  return page('New namespace', body, {
    status: hasErrors(errors) ? 422 : 200,
    band: (
      <Band
        crumbs={[
          { label: 'Home', href: ADDRESSES.home.path },
          { label: 'New namespace', href: null },
        ]}
        title="New namespace"
        note="Projects and namespaces lie in it. Roles and deploy tokens in it reach everything below. You become its owner."
      />
    ),
  });
}

function NewNamespace(props: {
  readonly visit: SignedInVisit;
  readonly choice: Choice;
  readonly errors: Errors;
}): JSX.Element {
  const { visit, errors } = props;
  return (
    <div class="form measure">
      <FormErrors
        errors={errors}
        notDone="No namespace was created."
        fields={[
          ['namespace', 'namespace', 'the namespace'],
          ['name', 'name', 'the name'],
        ]}
      />
      <section class="card" aria-label="New namespace">
        <PostForm action={ADDRESSES['new-namespace'].path} csrf={visit.csrf} class="form padded">
          <Where {...props} of="namespace" />
          <div class="actions">
            <button type="submit" class="button primary">
              Create namespace
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
