import type { ComponentChildren, JSX } from 'preact';
import { hasErrors, type Errors } from '../form-errors.js';
import { Notice } from './notice.js';

/** A form that changes something: every one of them carries the CSRF token. */
export function PostForm(props: {
  readonly action: string;
  readonly csrf: string;
  readonly nonce?: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <form method="post" action={props.action} class={props.class ?? 'form'} novalidate>
      <input type="hidden" name="csrf" value={props.csrf} />
      {props.nonce !== undefined && <input type="hidden" name="nonce" value={props.nonce} />}
      {props.children}
    </form>
  );
}

/** What was not done, and links to the fields that say why. Nothing where nothing is wrong. */
export function FormErrors(props: {
  readonly errors: Errors;
  readonly notDone: string;
  /** The fields of the form in their order: the name of the error, the id to go to, the label. */
  readonly fields: readonly (readonly [name: string, id: string, label: string])[];
}): JSX.Element | null {
  const { errors, fields } = props;
  if (!hasErrors(errors)) {
    return null;
  }
  const wrong = fields.filter(([name]) => errors[name] !== undefined);
  return (
    <Notice kind="bad">
      {props.notDone} {errors['form']}
      {wrong.length > 0 && 'Fix '}
      {wrong.map(([name, id, label], index) => (
        <>
          {index > 0 && (index === wrong.length - 1 ? ' and ' : ', ')}
          <a key={name} href={`#${id}`}>
            {label}
          </a>
        </>
      ))}
      {wrong.length > 0 && ' below.'}
    </Notice>
  );
}
