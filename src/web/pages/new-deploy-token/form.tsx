import type { JSX } from 'preact';
import type { DeployTokenScope, Owner } from '../../../access/deploy-token.js';
import { dayIn, formatExpiryDate } from '../../../access/expiry.js';
import { SCOPE_ICONS } from '../../deploy-token-parts.js';
import { fieldText, fieldTexts } from '../../fields.js';
import type { Errors } from '../../form-errors.js';
import { newTokenAddress } from '../../owner.js';
import { Card, CardBody } from '../../parts/card.js';
import { Choices, Segments } from '../../parts/choices.js';
import { Field } from '../../parts/field.js';
import { FormErrors, PostForm } from '../../parts/form.js';
import type { SignedInVisit } from '../../visit.js';
import { expiryIn, PRESET_DAYS } from './input.js';
import { KINDS, kindOf } from './kinds.js';
import { Summary } from './summary.js';

export const SCOPE_HINTS: Readonly<Record<DeployTokenScope, string>> = {
  read_registry: 'Read-only access to the images: docker pull.',
  read_repository: 'Read-only access to the git repository: clone and fetch.',
};

const SCOPE_CHOICES = (['read_registry', 'read_repository'] as const).map((value) => ({
  value,
  label: value,
  hint: SCOPE_HINTS[value],
  icon: SCOPE_ICONS[value],
}));

const EXPIRY_CHOICES = [
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
  { value: 'none', label: 'never' },
  { value: 'date', label: 'on a date' },
];

const FIELDS = [
  ['name', 'name', 'the name'],
  ['username', 'username', 'the username'],
  ['expires_at', 'expires-at', 'the expiration date'],
  ['scopes', 'scopes-read_registry', 'the scopes'],
  ['only', 'only', 'the paths'],
] as const;

interface FormProps {
  readonly visit: SignedInVisit;
  readonly owner: Owner;
  readonly errors: Errors;
  readonly nonce: string;
  readonly now: Date;
}

export function NewDeployTokenForm(props: FormProps): JSX.Element {
  const { visit, owner, errors, nonce } = props;
  return (
    <>
      <h2>New deploy token</h2>
      <FormErrors errors={errors} notDone="No deploy token was created." fields={FIELDS} />
      <PostForm
        action={newTokenAddress(owner)}
        csrf={visit.csrf}
        nonce={nonce}
        class="cols with-summary"
      >
        <div class="col">
          <Who {...props} />
          <NameAndExpiry {...props} />
          <Reads {...props} />
          <Only {...props} />
        </div>
        <div class="col">
          <Summary {...props} />
        </div>
      </PostForm>
    </>
  );
}

function Who({ visit }: FormProps): JSX.Element {
  return (
    <Card id="who-title" title="Who will use it?">
      <CardBody>
        <Choices
          id="who"
          name="who"
          legend="Who will use it?"
          isLegendHidden
          type="radio"
          layout="grid"
          choices={KINDS.map((kind) => ({ ...kind, checks: kind.needs ?? [] }))}
          chosen={[chosenKind(visit)]}
        />
      </CardBody>
    </Card>
  );
}

/** From a link to this page too, such as that of a guide. */
function chosenKind({ form, query }: SignedInVisit): string {
  return fieldText(form, 'who') || fieldText(query, 'who');
}

function NameAndExpiry({ visit, errors, now }: FormProps): JSX.Element {
  const { form } = visit;
  return (
    <Card id="name-title" title="Name and expiry">
      <CardBody>
        <div class="pair">
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
          <Field
            id="username"
            name="username"
            label="Username"
            hint="If empty: deploy-token- and a number."
            value={fieldText(form, 'username')}
            error={errors['username']}
            maxlength={255}
          />
        </div>
        <Segments
          id="expires"
          name="expires"
          legend="Expires"
          type="radio"
          choices={EXPIRY_CHOICES}
          chosen={[expiryIn(form)]}
          reveals={{
            value: 'date',
            content: (
              <Field
                id="expires-at"
                name="expires_at"
                label="Expiration date"
                hint="It stops working at 00:00 UTC of that day."
                type="date"
                min={formatExpiryDate(dayIn(1, now))}
                value={
                  form.has('expires_at')
                    ? fieldText(form, 'expires_at')
                    : formatExpiryDate(dayIn(PRESET_DAYS, now))
                }
                error={errors['expires_at']}
                required
              />
            ),
          }}
        />
      </CardBody>
    </Card>
  );
}

function Reads({ visit, errors }: FormProps): JSX.Element {
  const { form } = visit;
  const preset = form.size === 0 ? (kindOf(chosenKind(visit))?.needs ?? []) : [];
  return (
    <Card id="reads-title" title="What it may read">
      <CardBody>
        <Choices
          id="scopes"
          name="scopes"
          legend="Scopes"
          note="select at least one"
          type="checkbox"
          choices={SCOPE_CHOICES}
          chosen={[...fieldTexts(form, 'scopes'), ...preset]}
          error={errors['scopes']}
        />
      </CardBody>
    </Card>
  );
}

const ONLY_HINTS: Readonly<Record<Owner['kind'], string>> = {
  project: 'Repositories of this project, one on each line. If empty: all of them, and git.',
  namespace:
    'Projects, namespaces or repositories below this namespace, one on each line. ' +
    'If empty: every project below it, those made later too.',
  instance:
    'Projects, namespaces or repositories, one on each line. ' +
    'If empty: every project, those made later too.',
};

function Only({ visit, owner, errors }: FormProps): JSX.Element {
  const below = owner.kind === 'instance' ? 'tanuki' : owner.path;
  return (
    <Card id="only-title" title="Only some of it">
      <CardBody>
        <Field
          id="only"
          name="only"
          type="lines"
          rows={3}
          label="Only these paths"
          hint={
            <>
              {ONLY_HINTS[owner.kind]} Such as <code>{below}/api</code>.
            </>
          }
          value={fieldText(visit.form, 'only')}
          error={errors['only']}
        />
      </CardBody>
    </Card>
  );
}
