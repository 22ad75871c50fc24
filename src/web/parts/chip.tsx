import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icon.js';

/** What a colour means. It never stands alone: an icon and a word say the same. */
export type Kind = 'plain' | 'good' | 'warn' | 'bad' | 'info';

/** A state in a word. An object in its ordinary state has none. */
export function Chip(props: {
  readonly kind?: Kind;
  readonly icon: IconName;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <span class={`chip ${props.kind ?? 'plain'}`}>
      <Icon name={props.icon} />
      {props.children}
    </span>
  );
}

/** The icon in front of a row, in a box of its own. */
export function Tile(props: { readonly kind?: Kind; readonly icon: IconName }): JSX.Element {
  return (
    <span class={`tile ${props.kind ?? 'plain'}`}>
      <Icon name={props.icon} />
    </span>
  );
}
