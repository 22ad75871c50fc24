import type { JSX } from 'preact';
import { AppError } from '../../../access/errors.js';
import type { Namespace } from '../../../access/namespace.js';
import { parentOf } from '../../../access/tree.js';
import { countDeployTokens } from '../../../services/deploy-token-overview.js';
import { removeNamespace } from '../../../services/namespaces.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { endOfDeployTokens } from '../../deploy-token-parts.js';
import { fieldText } from '../../fields.js';
import { changeOrShow, hasErrors, type Errors } from '../../form-errors.js';
import { Card, CardBody } from '../../parts/card.js';
import { Field } from '../../parts/field.js';
import { PostForm } from '../../parts/form.js';
import { placeFrame } from '../../place-frame.js';
import { redirectSaying, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';

/** Settings › General of a namespace: its end. */
export async function namespaceGeneralPage(
  deps: WebDeps,
  visit: SignedInVisit,
  namespace: Namespace,
): Promise<Answer> {
  return await changeOrShow(
    visit,
    async () => await remove(deps, visit, namespace),
    async (errors) => await show(deps, visit, namespace, errors),
  );
}

async function remove(deps: WebDeps, visit: SignedInVisit, namespace: Namespace): Promise<Answer> {
  const { path } = namespace;
  if (fieldText(visit.form, 'path').trim() !== path) {
    throw new AppError('invalid_input', `Type ${path} to confirm.`, { field: 'path' });
  }
  await removeNamespace(deps, visit.actor, namespace);
  // Whoever saw the namespace above by a role in this one no longer does.
  return redirectSaying(visit, ADDRESSES.home.path, 'namespace-removed', path);
}

async function show(
  deps: WebDeps,
  visit: SignedInVisit,
  namespace: Namespace,
  errors: Errors,
): Promise<Answer> {
  const { active } = await countDeployTokens(deps, visit.actor, namespace);
  return placeFrame(visit, namespace, 'general', {
    title: 'General settings',
    status: hasErrors(errors) ? 422 : 200,
    body: (
      <div class="col measure">
        <PathCard namespace={namespace} />
        {namespace.userId === null ? (
          <RemoveCard visit={visit} namespace={namespace} deployTokens={active} errors={errors} />
        ) : (
          <Card id="remove-title" title="Remove">
            <CardBody>
              <p>This is the personal namespace of a user. It goes with the account.</p>
            </CardBody>
          </Card>
        )}
      </div>
    ),
  });
}

function PathCard({ namespace: { path } }: { readonly namespace: Namespace }): JSX.Element {
  const parent = parentOf(path);
  return (
    <Card id="path-title" title="Path">
      <CardBody>
        <p>
          <code>{path}</code>
          {parent !== null && (
            <>
              , in <a href={`/${parent}`}>{parent}</a>
            </>
          )}
          . A path never changes: the images below it cannot be moved.
        </p>
      </CardBody>
    </Card>
  );
}

function RemoveCard(props: {
  readonly visit: SignedInVisit;
  readonly namespace: Namespace;
  readonly deployTokens: number;
  readonly errors: Errors;
}): JSX.Element {
  const { visit, namespace, deployTokens, errors } = props;
  return (
    <Card id="remove-title" title="Remove" kind="danger">
      <CardBody>
        <p>
          {endOfDeployTokens(deployTokens)} Its members lose their roles in it. Only an empty
          namespace can be removed, without projects and namespaces below it. Paths of removed
          projects stay reserved.
        </p>
        <PostForm action={addressOf('general', { place: namespace.path })} csrf={visit.csrf}>
          <Field
            id="path"
            name="path"
            label={`Type ${namespace.path} to confirm`}
            value={fieldText(visit.form, 'path')}
            error={errors['path'] ?? errors['form']}
            required
          />
          <button type="submit" class="button solid">
            Remove namespace
          </button>
        </PostForm>
      </CardBody>
    </Card>
  );
}
