import type { JSX } from 'preact';

/** A value to take along now: selectable by hand, with a button where a script can copy. */
export function Once(props: {
  readonly id: string;
  readonly label: string;
  readonly value: string;
}): JSX.Element {
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <div class="once">
        <input id={props.id} type="text" value={props.value} readOnly autocomplete="off" />
        <button type="button" class="button needs-script" data-copy={props.id}>
          Copy<span class="visually-hidden"> {props.label}</span>
        </button>
      </div>
    </div>
  );
}
