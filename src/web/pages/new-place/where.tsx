/** Where something new comes: a namespace and a name, for the forms that make projects and namespaces. */

import type { JSX } from 'preact';
import { AppError } from '../../../access/errors.js';
import type { Namespace } from '../../../access/namespace.js';
import { mayCreateBelow } from '../../../access/permissions.js';
import { namespacesToCreateIn } from '../../../services/namespaces.js';
import { ADDRESSES } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import { fieldErrors, type Errors } from '../../form-errors.js';
import { Card } from '../../parts/card.js';
import { Field } from '../../parts/field.js';
import { Empty } from '../../parts/notice.js';
import type { SignedInVisit, WebDeps } from '../../visit.js';

/** More than these are found by typing. */
const MOST_OFFERED = 100;

export interface Choice {
  readonly offered: readonly Namespace[];
  /** Whether there are others than those offered. */
  readonly hasMore: boolean;
  readonly mayMakeTopLevel: boolean;
}

export async function readChoice(deps: WebDeps, { actor }: SignedInVisit): Promise<Choice> {
  const found = await namespacesToCreateIn(deps, actor, '', MOST_OFFERED + 1);
  return {
    offered: found.slice(0, MOST_OFFERED),
    hasMore: found.length > MOST_OFFERED,
    mayMakeTopLevel: mayCreateBelow(actor) === null,
  };
}

/** What the form names: a namespace and a name in it; some programs send the whole path. */
export function pathIn({ form }: SignedInVisit): string {
  const whole = fieldText(form, 'path').trim();
  const namespace = fieldText(form, 'namespace').trim().replace(/\/+$/, '');
  const name = fieldText(form, 'name').trim();
  return whole || (namespace === '' ? name : `${namespace}/${name}`);
}

/** The errors of a form with these fields. */
export function whereErrors(error: unknown): Errors {
  if (error instanceof AppError && error.code === 'forbidden') {
    return { namespace: error.message };
  }
  const { path, ...errors } = fieldErrors(error);
  return path === undefined ? errors : { ...errors, name: path };
}

export function Where(props: {
  readonly visit: SignedInVisit;
  readonly choice: Choice;
  readonly errors: Errors;
  readonly of: 'project' | 'namespace';
}): JSX.Element {
  const { visit, choice, errors, of } = props;
  const isTopLevelPossible = choice.mayMakeTopLevel && of === 'namespace';
  return (
    <div class="pair">
      <Field
        id="namespace"
        name="namespace"
        label="Namespace"
        hint={
          (isTopLevelPossible
            ? 'If empty: a top-level namespace.'
            : 'One that you maintain, or one below it.') +
          (choice.hasMore ? ` The first ${MOST_OFFERED} are offered; type any other.` : '')
        }
        offers={choice.offered.map(({ path }) => path)}
        value={chosen(props)}
        error={errors['namespace']}
        maxlength={255}
        required={!isTopLevelPossible}
      />
      <Field
        id="name"
        name="name"
        label="Name"
        hint={
          of === 'project'
            ? 'Such as awesome_project. It never changes.'
            : 'Such as backend. It never changes.'
        }
        value={fieldText(visit.form, 'name')}
        error={errors['name']}
        maxlength={255}
        required
        autofocus
      />
    </div>
  );
}

/** What was typed, or the namespace that one came from, or the only one there is. */
function chosen({ visit, choice }: Parameters<typeof Where>[0]): string {
  const asked = fieldText(visit.form, 'namespace') || fieldText(visit.query, 'in');
  const own = choice.offered.find(({ userId }) => userId === visit.actor.user.id);
  return (
    asked || (own?.path ?? (choice.offered.length === 1 ? (choice.offered[0]?.path ?? '') : ''))
  );
}

/** For whoever maintains nothing. */
export function NowhereToMake({ of }: { readonly of: 'project' | 'namespace' }): JSX.Element {
  return (
    <Card id="nowhere" title={of === 'project' ? 'No place for a project' : 'No place for it'}>
      <Empty
        icon="folder-tree"
        title={`You can't make a ${of} yet`}
        actions={
          <a class="button" href={ADDRESSES.home.path}>
            Back to projects
          </a>
        }
      >
        Projects and namespaces are made by the maintainers of the namespace that they come into,
        and you maintain none. Ask a maintainer of the namespace, or an administrator, for the role
        maintainer or for a project.
      </Empty>
    </Card>
  );
}
