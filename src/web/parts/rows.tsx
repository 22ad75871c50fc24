import type { ComponentChildren, JSX } from 'preact';
import { Tile, type Kind } from './chip.js';
import type { IconName } from './icon.js';

/** A list that is no table: what needs somebody, projects, secrets. */
export function Rows(props: { readonly children: ComponentChildren }): JSX.Element {
  return <ul class="rows">{props.children}</ul>;
}

/** Two lines: what it is, then facts in grey; and at most one action at the end. */
export function Row(props: {
  /** Without one where all rows are of one kind. */
  readonly icon?: IconName;
  readonly kind?: Kind;
  readonly title: ComponentChildren;
  readonly meta?: ComponentChildren;
  readonly end?: ComponentChildren;
}): JSX.Element {
  const { icon, kind = 'plain', meta, end } = props;
  return (
    <li class={icon === undefined ? 'row bare' : 'row'}>
      {icon !== undefined && <Tile icon={icon} kind={kind} />}
      <div class="what">
        <p class="title">{props.title}</p>
        {meta !== undefined && <p class="meta">{meta}</p>}
      </div>
      {end !== undefined && <div class="end">{end}</div>}
    </li>
  );
}
