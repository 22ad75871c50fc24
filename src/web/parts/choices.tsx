/**
 * Questions with a few answers: real radio buttons and checkboxes, on cards or in a line. What an answer
 * opens is hidden by the stylesheet alone, so that the server decides by what was sent.
 */

import type { ComponentChildren, JSX } from 'preact';
import { describedBy, description, FieldError, Hint, type Option } from './field.js';
import { Icon, type IconName } from './icon.js';

export interface Choice extends Option {
  readonly hint?: string;
  readonly icon?: IconName;
  /** What a script checks elsewhere in the form when this is chosen: values of checkboxes. */
  readonly checks?: readonly string[];
}

interface Question {
  readonly id: string;
  readonly name: string;
  readonly legend: string;
  /** The card's heading asks already: the legend is for screen readers. */
  readonly isLegendHidden?: boolean;
  /** Behind the legend, in grey. */
  readonly note?: string;
  readonly type: 'checkbox' | 'radio';
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly error?: string | undefined;
  /** Shown while this one is chosen. */
  readonly reveals?: { readonly value: string; readonly content: ComponentChildren };
}

/** On cards, which are clicked anywhere: `list` one under the other, `grid` beside each other. */
export function Choices(props: Question & { readonly layout?: 'list' | 'grid' }): JSX.Element {
  return (
    <Fieldset {...props}>
      <div class={props.layout === 'grid' ? 'choices' : 'choices list'}>
        {props.choices.map((choice) => (
          <ChoiceCard key={choice.value} question={props} choice={choice} />
        ))}
      </div>
    </Fieldset>
  );
}

/** Short answers, in a line. */
export function Segments(props: Question): JSX.Element {
  return (
    <Fieldset {...props}>
      <div class="segments">
        {props.choices.map(({ value, label }) => (
          <div class="segment" key={value}>
            <Answer question={props} value={value} />
            <label for={`${props.id}-${value}`}>{label}</label>
          </div>
        ))}
      </div>
    </Fieldset>
  );
}

/** A single box with its text. */
export function Checkbox(props: {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly label: string;
  readonly hint: string;
  readonly checked: boolean;
}): JSX.Element {
  const { id, name, value, label, hint, checked } = props;
  return (
    <div class="choice">
      <input
        {...description({ id, hint })}
        type="checkbox"
        name={name}
        value={value}
        checked={checked}
      />
      <label for={id}>{label}</label>
      <Hint id={id} hint={hint} />
    </div>
  );
}

function Fieldset(props: Question & { readonly children: ComponentChildren }): JSX.Element {
  const { id, error, note, reveals } = props;
  return (
    <fieldset class="field" aria-describedby={describedBy({ id, error })}>
      <legend class={props.isLegendHidden === true ? 'visually-hidden' : undefined}>
        {props.legend}
        {note !== undefined && <span class="optional"> ({note})</span>}
      </legend>
      {props.children}
      <FieldError id={id} error={error} />
      {reveals !== undefined && <div class="reveal">{reveals.content}</div>}
    </fieldset>
  );
}

function ChoiceCard(props: { readonly question: Question; readonly choice: Choice }): JSX.Element {
  const { question, choice } = props;
  const id = `${question.id}-${choice.value}`;
  return (
    <div class="choice">
      <Answer question={question} {...choice} />
      <label for={id}>
        {choice.icon !== undefined && (
          <>
            <Icon name={choice.icon} />{' '}
          </>
        )}
        {choice.label}
      </label>
      <Hint id={id} hint={choice.hint} />
    </div>
  );
}

function Answer(props: {
  readonly question: Question;
  readonly value: string;
  readonly hint?: string | undefined;
  readonly checks?: readonly string[] | undefined;
}): JSX.Element {
  const { question, value, hint, checks } = props;
  return (
    <input
      {...description({ id: `${question.id}-${value}`, hint })}
      type={question.type}
      name={question.name}
      value={value}
      checked={question.chosen.includes(value)}
      class={question.reveals?.value === value ? 'opens' : undefined}
      data-checks={checks?.join(' ')}
    />
  );
}
