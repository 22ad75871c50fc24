/** The pieces that pages are made of. They know nothing of who may do what. */

import type { ComponentChildren, JSX } from 'preact';
import { formatExpiry, isExpired } from '../access/expiry.js';
import { isSoon, relativeTime, utcMinute } from './time.js';

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

export function When(props: { readonly instant: Date; readonly now: Date }): JSX.Element {
  return (
    <span class="when">
      <time dateTime={props.instant.toISOString()}>{utcMinute(props.instant)}</time>{' '}
      <span class="muted">{relativeTime(props.instant, props.now)}</span>
    </span>
  );
}

export function Expiry(props: {
  readonly expiresAt: Date | null;
  readonly now: Date;
}): JSX.Element {
  const { expiresAt, now } = props;
  if (expiresAt === null) {
    return <span class="muted">Never</span>;
  }
  const isWarned = !isExpired(expiresAt, now) && isSoon(expiresAt, now);
  return (
    <span class={isWarned ? 'when soon' : 'when'}>
      <time dateTime={expiresAt.toISOString()}>{formatExpiry(expiresAt)}</time>{' '}
      <span class={isWarned ? '' : 'muted'}>{relativeTime(expiresAt, now)}</span>
    </span>
  );
}

/** A box with text to take along. The button appears where a script can copy. */
export function Snippet(props: {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly fileName?: string | null;
}): JSX.Element {
  const { id, label, text, fileName } = props;
  return (
    <div class="snippet">
      <pre id={id} tabIndex={0} aria-label={label}>
        <code>{text}</code>
      </pre>
      <div class="snippet-actions">
        <button type="button" class="button small needs-script" data-copy={id}>
          Copy<span class="visually-hidden"> {label}</span>
        </button>
        {typeof fileName === 'string' && (
          <button
            type="button"
            class="button small needs-script"
            data-download={id}
            data-file-name={fileName}
          >
            Download<span class="visually-hidden"> {fileName}</span>
          </button>
        )}
      </div>
    </div>
  );
}

export function Alert(props: {
  readonly kind: 'error' | 'good' | 'info';
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class={`alert alert-${props.kind}`} role={props.kind === 'error' ? 'alert' : 'status'}>
      {props.children}
    </div>
  );
}

export function Badge(props: {
  readonly kind?: 'plain' | 'warn' | 'bad';
  readonly children: ComponentChildren;
}): JSX.Element {
  return <span class={`badge badge-${props.kind ?? 'plain'}`}>{props.children}</span>;
}

export function Empty(props: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{props.title}</p>
      <div>{props.children}</div>
    </div>
  );
}

/** Becomes a list of cards on a narrow screen, where each cell is told by its column's name. */
export function Table(props: {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <table>
      <caption class="visually-hidden">{props.caption}</caption>
      <thead>
        <tr>
          {props.columns.map((column) => (
            <th scope="col" key={column}>
              {column === 'Actions' ? <span class="visually-hidden">Actions</span> : column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{props.children}</tbody>
    </table>
  );
}

export function Cell(props: {
  readonly of: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <td data-label={props.of} class={props.class}>
      {props.children}
    </td>
  );
}
