import { h, type JSX } from 'preact';
import { ICONS } from './icons.js';

export type IconName = keyof typeof ICONS;

/** A drawing beside a word that says the same, so no screen reader reads it out. */
export function Icon(props: { readonly name: IconName; readonly class?: string }): JSX.Element {
  return (
    <svg
      class={props.class === undefined ? 'icon' : `icon ${props.class}`}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {ICONS[props.name].map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}

/** Pullgate's own: a gate, open by one bar. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <g
        fill="none"
        stroke="currentColor"
        stroke-width="2.4"
        stroke-linecap="round"
        stroke-linejoin="round"
      >
        <path d="M4 21V9a8 8 0 0 1 16 0v12" />
        <path d="M12 8v9m-3.6-3.4L12 17.2l3.6-3.6" />
      </g>
    </svg>
  );
}
