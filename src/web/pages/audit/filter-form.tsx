import type { JSX } from 'preact';
import { AUDIT_ACTION_NAMES } from '../../../access/audit-event.js';
import { fieldText } from '../../fields.js';
import { hasErrors, type Errors } from '../../form-errors.js';
import { Field } from '../../parts/field.js';
import type { SignedInVisit } from '../../visit.js';
import { actionTitle } from './deed.js';
import { filtersIn, type FilterName } from './filter.js';

const ACTIONS = [
  { value: '', label: 'Anything' },
  ...AUDIT_ACTION_NAMES.map((value) => ({ value, label: actionTitle(value) })),
];

/** A form that asks by its address alone: what was found can be bookmarked and sent on. */
export function FilterForm(props: {
  readonly visit: SignedInVisit;
  readonly errors: Errors;
  readonly isOfProject: boolean;
}): JSX.Element {
  const { visit, errors, isOfProject } = props;
  const isFiltered = filtersIn(visit.query).size > 0;
  function field(name: FilterName): FieldValues {
    return { id: name, name, value: fieldText(visit.query, name), error: errors[name] };
  }
  return (
    <details class="fold" open={isFiltered || hasErrors(errors)}>
      <summary>Filter</summary>
      <form method="get" action={visit.path} class="form" novalidate>
        <div class="pair">
          <Field {...field('by')} label="Who" hint="A username." maxlength={255} />
          <Field {...field('action')} type="select" label="What" options={ACTIONS} />
        </div>
        <div class="pair">
          <Field {...field('from')} type="date" label="From" hint="00:00 UTC of that day." />
          <Field {...field('until')} type="date" label="Until" hint="The whole day counts." />
        </div>
        <div class="pair">
          <Field
            {...field('token')}
            label="Deploy token"
            hint="What was done to it. Its number: 7 for deploy-token-7."
            maxlength={9}
          />
          <Field
            {...field('user')}
            label="User"
            hint="What was done to the account."
            maxlength={255}
          />
        </div>
        {!isOfProject && (
          <Field
            {...field('project')}
            label="Project"
            hint="Its path; removed ones too, until their path is released."
            maxlength={255}
          />
        )}
        <div class="actions">
          <button type="submit" class="button primary">
            Show
          </button>
          {isFiltered && (
            <a class="button" href={visit.path}>
              Clear
            </a>
          )}
        </div>
      </form>
    </details>
  );
}

interface FieldValues {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly error: string | undefined;
}
