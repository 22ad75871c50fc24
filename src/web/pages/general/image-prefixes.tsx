import type { JSX } from 'preact';
import { isAllowedOnInstance } from '../../../access/permissions.js';
import type { Project } from '../../../access/project.js';
import { addressOf } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import type { Errors } from '../../form-errors.js';
import { Ask, AskFirst, AskPage, type KeepIt } from '../../parts/ask.js';
import { Card, CardBody } from '../../parts/card.js';
import { Field } from '../../parts/field.js';
import { PostForm } from '../../parts/form.js';
import { Row, Rows } from '../../parts/rows.js';
import type { SignedInVisit } from '../../visit.js';

interface PrefixProps {
  readonly visit: SignedInVisit;
  readonly project: Project;
}

/** Images that were in the registry before the project: administrators give them, its maintainers see them. */
export function ImagePrefixes(
  props: PrefixProps & { readonly prefixes: readonly string[]; readonly errors: Errors },
): JSX.Element {
  const { visit, project, prefixes } = props;
  const mayChange = isAllowedOnInstance(visit.actor, 'administer');
  return (
    <Card
      id="prefixes-title"
      title="Image prefixes"
      note="Repositories that this project owns beyond its path, with all below them."
    >
      <Rows>
        <Row icon="container" title={<code>{project.path.toLowerCase()}</code>} meta="its path" />
        {prefixes.map((prefix) => (
          <Row
            key={prefix}
            icon="container"
            title={<code>{prefix}</code>}
            {...(mayChange && { end: <Remove {...props} prefix={prefix} /> })}
          />
        ))}
      </Rows>
      {mayChange && <AddPrefix {...props} />}
    </Card>
  );
}

function AddPrefix(props: PrefixProps & { readonly errors: Errors }): JSX.Element {
  const { visit, project, errors } = props;
  return (
    <CardBody>
      <PostForm action={addressOf('general', { place: project.path })} csrf={visit.csrf}>
        <Field
          id="prefix"
          name="prefix"
          label="Image prefix"
          hint="A repository in the registry, such as postgres. Members and deploy tokens of this project then reach it and all below it."
          value={fieldText(visit.form, 'prefix')}
          error={errors['prefix']}
          maxlength={255}
          required
        />
        <button type="submit" class="button" name="do" value="add-prefix">
          Add image prefix
        </button>
      </PostForm>
    </CardBody>
  );
}

type OnePrefix = PrefixProps & { readonly prefix: string };

function Remove(props: OnePrefix): JSX.Element {
  const { project, prefix } = props;
  const query = new URLSearchParams({ prefix });
  return (
    <AskFirst
      id={`remove-${prefix}`}
      href={`${addressOf('general', { place: project.path })}?${query.toString()}`}
      label={
        <>
          Remove…<span class="visually-hidden"> {prefix}</span>
        </>
      }
      question={(id) => <RemovePrefix {...props} id={id} keepIt="closes-dialog" />}
    />
  );
}

/** The question, on a page of its own. */
export function RemovePrefixPage(props: OnePrefix): JSX.Element {
  const keepIt = { href: addressOf('general', { place: props.project.path }) };
  return <AskPage question={(id) => <RemovePrefix {...props} id={id} keepIt={keepIt} />} />;
}

function RemovePrefix(
  props: OnePrefix & { readonly id: string; readonly keepIt: KeepIt },
): JSX.Element {
  const { visit, project, prefix, id, keepIt } = props;
  return (
    <Ask
      id={id}
      title={`Remove ${prefix} from ${project.path}?`}
      action={addressOf('general', { place: project.path })}
      csrf={visit.csrf}
      keepIt={keepIt}
      doIt={
        <>
          <input type="hidden" name="prefix" value={prefix} />
          <button type="submit" class="button solid" name="do" value="remove-prefix">
            Remove {prefix}
          </button>
        </>
      }
    >
      Members and deploy tokens of {project.path} no longer reach {prefix} and what lies below it.
      Only administrators do, until it is given to a project again. The images stay in the registry.
    </Ask>
  );
}
