/** The fields of forms: a label, a control, and the hint and the error that are read out with it. */

import type { JSX } from 'preact';

interface Described {
  readonly id: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}

interface Input {
  readonly type?: 'text' | 'password' | 'date';
  readonly name: string;
  readonly value?: string;
  readonly required?: boolean;
  readonly autocomplete?: string;
  readonly autofocus?: boolean;
  readonly min?: string;
  readonly maxlength?: number;
}

interface Selection {
  readonly type: 'select';
  readonly name: string;
  readonly options: readonly Option[];
  readonly value: string;
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** A value to take along now: selectable by hand, with a button where a script can copy. */
interface Once {
  readonly type: 'once';
  readonly value: string;
}

interface Checkbox {
  readonly type: 'checkbox';
  readonly name: string;
  readonly value: string;
  readonly checked: boolean;
}

export type FieldProps = Described & (Input | Selection | Once | Checkbox);

export function Field(props: FieldProps): JSX.Element {
  const { id, label, hint, error } = props;
  if (props.type === 'checkbox') {
    return <Choice {...props} class="field choice" />;
  }
  return (
    <div class="field">
      <label for={id}>
        {label}
        {isOptional(props) && <span class="optional"> (optional)</span>}
      </label>
      <Hint id={id} hint={hint} />
      <Control {...props} />
      <FieldError id={id} error={error} />
    </div>
  );
}

type ControlProps = Described & (Input | Selection | Once);

/** The others always have a value. */
function isOptional(props: ControlProps): boolean {
  return props.type !== 'select' && props.type !== 'once' && props.required !== true;
}

function Control(props: ControlProps): JSX.Element {
  const described = description(props);
  if (props.type === 'select') {
    return <Select {...described} name={props.name} options={props.options} value={props.value} />;
  }
  if (props.type === 'once') {
    return (
      <div class="once">
        <input {...described} type="text" value={props.value} readOnly autocomplete="off" />
        <button type="button" class="button needs-script" data-copy={props.id}>
          Copy<span class="visually-hidden"> {props.label}</span>
        </button>
      </div>
    );
  }
  return <TypedInput {...props} described={described} />;
}

function TypedInput(props: Input & { readonly described: Description }): JSX.Element {
  const common = {
    ...props.described,
    name: props.name,
    value: props.value ?? '',
    required: props.required === true,
    autocomplete: props.autocomplete ?? 'off',
    autofocus: props.autofocus === true,
  };
  switch (props.type ?? 'text') {
    case 'text':
      return (
        <input
          {...common}
          type="text"
          autocapitalize="none"
          spellcheck={false}
          maxLength={props.maxlength}
        />
      );
    case 'password':
      return <input {...common} type="password" />;
    case 'date':
      return <input {...common} type="date" min={props.min} />;
  }
}

/** Where there is no room for a label of its own, `aria-label` stands for it. */
export function Select(
  props: Partial<Description> &
    Omit<Selection, 'type'> & { readonly id: string; readonly 'aria-label'?: string },
): JSX.Element {
  const { options, value, ...attributes } = props;
  return (
    <select {...attributes}>
      {options.map((option) => (
        <option key={option.value} value={option.value} selected={option.value === value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

/** Checkboxes, or radio buttons, that belong together. */
export function Choices(props: {
  readonly id: string;
  readonly name: string;
  readonly legend: string;
  readonly type: 'checkbox' | 'radio';
  readonly choices: readonly (Option & { readonly hint: string })[];
  readonly chosen: readonly string[];
  readonly error?: string | undefined;
}): JSX.Element {
  const { id, name, type, error } = props;
  return (
    <fieldset class="field" aria-describedby={describedBy({ id, error })}>
      <legend>{props.legend}</legend>
      {props.choices.map((choice) => (
        <Choice
          {...choice}
          key={choice.value}
          id={`${id}-${choice.value}`}
          name={name}
          type={type}
          checked={props.chosen.includes(choice.value)}
          class="choice"
        />
      ))}
      <FieldError id={id} error={error} />
    </fieldset>
  );
}

/** One box or button, with its text behind it. */
function Choice(
  props: Described &
    Omit<Checkbox, 'type'> & { readonly type: 'checkbox' | 'radio'; readonly class: string },
): JSX.Element {
  const { id, label, hint, error } = props;
  return (
    <div class={props.class}>
      <input
        {...description({ id, hint, error })}
        type={props.type}
        name={props.name}
        value={props.value}
        checked={props.checked}
      />
      <div>
        <label for={id}>{label}</label>
        <Hint id={id} hint={hint} />
        <FieldError id={id} error={error} />
      </div>
    </div>
  );
}

function Hint({ id, hint }: Pick<Described, 'id' | 'hint'>): JSX.Element | null {
  return hint === undefined ? null : (
    <p class="hint" id={`${id}-hint`}>
      {hint}
    </p>
  );
}

function FieldError({ id, error }: Pick<Described, 'id' | 'error'>): JSX.Element | null {
  return error === undefined ? null : (
    <p class="field-error" id={`${id}-error`}>
      {error}
    </p>
  );
}

interface Description {
  readonly id: string;
  readonly 'aria-invalid': true | undefined;
  readonly 'aria-describedby': string | undefined;
}

/** What ties a control to its label, its hint and its error. */
function description({ id, hint, error }: Omit<Described, 'label'>): Description {
  return {
    id,
    'aria-invalid': error === undefined ? undefined : true,
    'aria-describedby': describedBy({ id, hint, error }),
  };
}

function describedBy({ id, hint, error }: Omit<Described, 'label'>): string | undefined {
  const ids = Object.entries({ hint, error })
    .filter(([, text]) => text !== undefined)
    .map(([part]) => `${id}-${part}`);
  return ids.length === 0 ? undefined : ids.join(' ');
}
