/** The fields of forms: a label, a hint, a control and an error, tied together for screen readers. */

import type { ComponentChildren, JSX } from 'preact';

interface Described {
  readonly id: string;
  readonly label: string;
  readonly hint?: ComponentChildren;
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
  /** What a browser offers while somebody types. */
  readonly offers?: readonly string[];
  /** Separated by commas: a script offers the next one, too. */
  readonly takesSeveral?: boolean;
}

interface Lines {
  readonly type: 'lines';
  readonly name: string;
  readonly value: string;
  readonly rows?: number;
  readonly required?: boolean;
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

export type FieldProps = Described & (Input | Lines | Selection);

export function Field(props: FieldProps): JSX.Element {
  const { id, label, hint, error } = props;
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

/** A selection always has a value. */
function isOptional(props: FieldProps): boolean {
  return props.type !== 'select' && props.required !== true;
}

function Control(props: FieldProps): JSX.Element {
  const described = description(props);
  if (props.type === 'select') {
    return <Select {...described} name={props.name} options={props.options} value={props.value} />;
  }
  if (props.type === 'lines') {
    return (
      <textarea
        {...described}
        name={props.name}
        rows={props.rows ?? 2}
        required={props.required === true}
        spellcheck={false}
      >
        {props.value}
      </textarea>
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
        <>
          <input
            {...common}
            type="text"
            autocapitalize="none"
            spellcheck={false}
            maxLength={props.maxlength}
            list={props.offers === undefined ? undefined : `${common.id}-offers`}
            data-several={props.takesSeveral === true ? '' : undefined}
          />
          {props.offers !== undefined && (
            <datalist id={`${common.id}-offers`}>
              {props.offers.map((offer) => (
                <option key={offer} value={offer} />
              ))}
            </datalist>
          )}
        </>
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

export function Hint({ id, hint }: Pick<Described, 'id' | 'hint'>): JSX.Element | null {
  return hint === undefined ? null : (
    <p class="hint" id={`${id}-hint`}>
      {hint}
    </p>
  );
}

export function FieldError({ id, error }: Pick<Described, 'id' | 'error'>): JSX.Element | null {
  return error === undefined ? null : (
    <p class="field-error" id={`${id}-error`}>
      {error}
    </p>
  );
}

export interface Description {
  readonly id: string;
  readonly 'aria-invalid': true | undefined;
  readonly 'aria-describedby': string | undefined;
}

/** What ties a control to its label, its hint and its error. */
export function description({ id, hint, error }: Omit<Described, 'label'>): Description {
  return {
    id,
    'aria-invalid': error === undefined ? undefined : true,
    'aria-describedby': describedBy({ id, hint, error }),
  };
}

export function describedBy({ id, hint, error }: Omit<Described, 'label'>): string | undefined {
  const ids = Object.entries({ hint, error })
    .filter(([, text]) => text !== undefined)
    .map(([part]) => `${id}-${part}`);
  return ids.length === 0 ? undefined : ids.join(' ');
}
