/** Above a list: search, filters, and the one primary action. Forms by GET and links, so that the address says it all. */

import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icon.js';

export function Toolbar(props: { readonly children: ComponentChildren }): JSX.Element {
  return <div class="toolbar">{props.children}</div>;
}

export function Search(props: {
  readonly id: string;
  readonly action: string;
  /** What is searched, for screen readers. */
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  /** Fields of the address that stay. */
  readonly keeps?: readonly (readonly [name: string, value: string])[];
  readonly class?: string;
}): JSX.Element {
  const { id, keeps = [] } = props;
  return (
    <form
      class={props.class ?? 'search'}
      role="search"
      aria-label={props.label}
      action={props.action}
    >
      {keeps.map(([name, value]) => (
        <input type="hidden" key={name} name={name} value={value} />
      ))}
      <label class="visually-hidden" for={id}>
        {props.label}
      </label>
      <Icon name="search" />
      <input
        id={id}
        name="q"
        type="search"
        value={props.value}
        placeholder={props.placeholder}
        maxLength={255}
        autocapitalize="none"
        spellcheck={false}
      />
    </form>
  );
}

export interface Filter {
  readonly label: string;
  readonly href: string;
  readonly isCurrent: boolean;
  readonly count?: number | null;
}

export function Filters(props: {
  readonly label: string;
  readonly filters: readonly Filter[];
}): JSX.Element {
  return (
    <nav class="filters" aria-label={props.label}>
      {props.filters.map(({ label, href, isCurrent, count = null }) => (
        <a class="filter" key={href} href={href} aria-current={isCurrent ? 'true' : undefined}>
          {label}
          {count !== null && (
            <>
              {' '}
              <span class="count">{count}</span>
            </>
          )}
        </a>
      ))}
    </nav>
  );
}
