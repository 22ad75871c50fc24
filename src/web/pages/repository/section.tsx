import type { JSX } from 'preact';
import type { DeployTokenScope } from '../../../access/deploy-token.js';
import { formatExpiryDate } from '../../../access/expiry.js';
import { addressOf } from '../../addresses.js';
import { Alert, PostForm } from '../../components.js';
import { fieldText, fieldTexts } from '../../fields.js';
import { hasErrors } from '../../form-errors.js';
import { Choices, Field } from '../../form-field.js';
import type { SectionProps } from './list.js';
import { DeployTokenTable } from './table.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export const SCOPE_HINTS: Readonly<Record<DeployTokenScope, string>> = {
  read_repository: 'Read-only access to the git repository: clone and fetch.',
  read_registry: 'Read-only access to the images: docker pull.',
};

const SCOPE_CHOICES = Object.entries(SCOPE_HINTS).map(([value, hint]) => ({
  value,
  label: value,
  hint,
}));

export function DeployTokenSection(props: SectionProps): JSX.Element {
  const { visit, errors, list } = props;
  const isOpen = visit.query.size > 0 || visit.form.size > 0 || hasErrors(errors);
  return (
    <details class="section card" id="deploy-tokens" open={isOpen}>
      <summary>
        <div>
          <h2>Deploy Tokens</h2>
          <p class="hint">
            Read-only credentials of this project, for machines: its images, its git repository, or
            both. {list.activeCount === 0 ? 'None' : list.activeCount} active.
          </p>
        </div>
        <span class="button small expander" aria-hidden="true" />
      </summary>
      <div class="section-body">
        <NewTokenForm {...props} />
        <DeployTokenTable {...props} />
      </div>
    </details>
  );
}

function NewTokenForm({ visit, project, errors, nonce, now }: SectionProps): JSX.Element {
  const { form } = visit;
  const tomorrow = formatExpiryDate(new Date(now.getTime() + DAY_MS));
  return (
    <section aria-labelledby="new-token">
      <h3 id="new-token">New deploy token</h3>
      {hasErrors(errors) && (
        <Alert kind="error">
          {errors['form'] ?? 'No deploy token was created. Mend what is marked below.'}
        </Alert>
      )}
      <PostForm
        action={addressOf('repository', { project: project.path })}
        csrf={visit.csrf}
        nonce={nonce}
      >
        <Field
          id="name"
          name="name"
          label="Name"
          hint="What it is for, such as “production cluster”."
          value={fieldText(form, 'name')}
          error={errors['name']}
          maxlength={255}
          required
        />
        <div class="pair">
          <Field
            id="expires-at"
            name="expires_at"
            label="Expiration date"
            hint="It stops at 00:00 UTC of that day. Without one it never expires."
            type="date"
            min={tomorrow}
            value={fieldText(form, 'expires_at')}
            error={errors['expires_at']}
          />
          <Field
            id="username"
            name="username"
            label="Username"
            hint="Without one it becomes deploy-token- and a number."
            value={fieldText(form, 'username')}
            error={errors['username']}
            maxlength={255}
          />
        </div>
        <Choices
          id="scopes"
          name="scopes"
          legend="Scopes (select at least one)"
          type="checkbox"
          choices={SCOPE_CHOICES}
          chosen={fieldTexts(form, 'scopes')}
          error={errors['scopes']}
        />
        <button type="submit" class="button primary">
          Create deploy token
        </button>
      </PostForm>
    </section>
  );
}
