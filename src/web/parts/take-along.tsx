/** Text to take along. Buttons that copy and download appear where there is a script. */

import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icon.js';

/** A value that is shown once: whole, wrapped on a phone, selectable by hand. */
export function Once(props: {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  /** The one that matters. */
  readonly isPrimary?: boolean;
}): JSX.Element {
  const { id, label } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="once">
        <textarea id={id} rows={1} readOnly spellcheck={false} autocomplete="off">
          {props.value}
        </textarea>
        <CopyButton
          of={id}
          label={label}
          class={props.isPrimary === true ? 'button primary' : 'button'}
        />
      </div>
    </div>
  );
}

export function CopyButton(props: {
  readonly of: string;
  readonly label: string;
  readonly class?: string;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`${props.class ?? 'button quiet sm'} needs-script`}
      data-copy={props.of}
    >
      <Icon name="copy" />
      <span data-says="">Copy</span>
      <span class="visually-hidden"> {props.label}</span>
    </button>
  );
}

/** A box with a command or a file. */
export function Snippet(props: {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly fileName?: string | null;
}): JSX.Element {
  const { id, label, text, fileName } = props;
  return (
    <div class="snippet">
      <div class="snippet-bar">
        <span>{label}</span>
        <span class="actions">
          <CopyButton of={id} label={label} />
          {typeof fileName === 'string' && (
            <button
              type="button"
              class="button quiet sm needs-script"
              data-download={id}
              data-file-name={fileName}
            >
              <Icon name="download" />
              Download<span class="visually-hidden"> {fileName}</span>
            </button>
          )}
        </span>
      </div>
      <Scrolled id={id} label={label} text={text} />
    </div>
  );
}

/** Commands of one line each, under each other. */
export function Lines(props: { readonly children: ComponentChildren }): JSX.Element {
  return <ul class="lines">{props.children}</ul>;
}

export function Line(props: {
  readonly id: string;
  readonly label: string;
  readonly text: string;
}): JSX.Element {
  const { id, label, text } = props;
  return (
    <li>
      <span class="label">{label}</span>
      <Scrolled id={id} label={label} text={text} />
      <CopyButton of={id} label={label} />
    </li>
  );
}

/** The only thing that scrolls sideways; by the keyboard too. */
function Scrolled(props: {
  readonly id: string;
  readonly label: string;
  readonly text: string;
}): JSX.Element {
  return (
    <pre id={props.id} tabIndex={0} role="region" aria-label={props.label}>
      <code>{props.text}</code>
    </pre>
  );
}

export interface ArtefactTab {
  readonly id: string;
  readonly label: string;
  readonly content: ComponentChildren;
}

/** One artefact at a time, chosen by radio buttons: the next but one element is what a button shows. */
export function ArtefactTabs(props: {
  readonly tabs: readonly ArtefactTab[];
  /** The one that is open at first. */
  readonly current: string;
  /** Whether a script may open the one that was looked at last instead. */
  readonly isAnyGood?: boolean;
}): JSX.Element {
  return (
    <fieldset class="artefacts" data-remembers={props.isAnyGood === true ? '' : undefined}>
      <legend class="visually-hidden">Show it for</legend>
      {props.tabs.map(({ id, label, content }) => (
        <>
          <input
            key={id}
            type="radio"
            name="artefact"
            id={`artefact-${id}`}
            value={id}
            checked={id === props.current}
          />
          <label for={`artefact-${id}`}>{label}</label>
          <div class="panel">{content}</div>
        </>
      ))}
    </fieldset>
  );
}
