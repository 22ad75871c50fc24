import type { ComponentChildren, JSX } from 'preact';

/**
 * What can be done to the rows that are selected, at the bottom of the window while any is. The
 * stylesheet counts them; the next page lists them and asks.
 */
export function Bulk(props: {
  readonly label: string;
  readonly note: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="bulk" role="region" aria-label={props.label}>
      <span class="selected">selected</span>
      <span class="muted small">{props.note}</span>
      <span class="push actions">{props.children}</span>
    </div>
  );
}
