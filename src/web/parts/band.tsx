/** The white band at the top of a page: where one is, what this is, and what else there is of it. */

import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icon.js';

export interface Crumb {
  readonly label: string;
  /** Null for the page itself, the last one. */
  readonly href: string | null;
}

export interface Tab {
  readonly label: string;
  readonly href: string;
  readonly isCurrent: boolean;
  /** What it is one of, read out before its label: `Settings`. */
  readonly group?: string;
}

export function Band(props: {
  readonly crumbs?: readonly Crumb[];
  readonly icon?: IconName;
  readonly title: ComponentChildren;
  readonly chips?: ComponentChildren;
  /** A sentence beside the title. */
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly tabs?: { readonly label: string; readonly tabs: readonly Tab[] };
}): JSX.Element {
  const { crumbs, icon, chips, note, actions, tabs } = props;
  return (
    <div class={tabs === undefined ? 'band bare' : 'band'}>
      <div class="inner">
        {crumbs !== undefined && <Crumbs crumbs={crumbs} />}
        <div class="head">
          <h1>
            {icon !== undefined && <Icon name={icon} />}
            <span>{props.title}</span>
          </h1>
          {chips}
          {note !== undefined && <p class="muted">{note}</p>}
          {actions !== undefined && <div class="push actions">{actions}</div>}
        </div>
        {tabs !== undefined && <Tabs {...tabs} />}
      </div>
    </div>
  );
}

function Crumbs({ crumbs }: { readonly crumbs: readonly Crumb[] }): JSX.Element {
  return (
    <nav aria-label="You are here">
      <ol class="crumbs">
        {crumbs.map(({ label, href }) => (
          <li key={label}>
            {href === null ? (
              <bdi aria-current="page">{label}</bdi>
            ) : (
              <a href={href}>
                <bdi>{label}</bdi>
              </a>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Tabs(props: { readonly label: string; readonly tabs: readonly Tab[] }): JSX.Element {
  const { tabs } = props;
  return (
    <nav class="tabs" aria-label={props.label}>
      {tabs.map(({ label, href, isCurrent, group }, index) => (
        <>
          {group !== undefined && tabs[index - 1]?.group !== group && (
            <span class="tab-group" aria-hidden="true">
              {group}
            </span>
          )}
          <a key={href} href={href} aria-current={isCurrent ? 'page' : undefined}>
            {group !== undefined && <span class="visually-hidden">{group}: </span>}
            {label}
          </a>
        </>
      ))}
    </nav>
  );
}
