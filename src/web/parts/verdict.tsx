import type { ComponentChildren, JSX } from 'preact';
import { Tile, type Kind } from './chip.js';
import { Icon, type IconName } from './icon.js';

/** The sentence that a page is about, above everything else. */
export function Verdict(props: {
  readonly id: string;
  readonly kind: Kind;
  readonly icon: IconName;
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="card verdict" aria-labelledby={props.id}>
      <Tile kind={props.kind} icon={props.icon} />
      <div>
        <h2 id={props.id}>{props.title}</h2>
        <p>{props.children}</p>
      </div>
    </section>
  );
}

export interface Step {
  readonly outcome: 'passed' | 'stopped' | 'not-reached';
  readonly title: string;
  readonly meta?: ComponentChildren;
}

const STEPS = {
  passed: { words: 'Passed: ', icon: 'circle-check' },
  stopped: { words: 'Stopped here: ', icon: 'circle-x' },
  'not-reached': { words: 'Not reached: ', icon: 'circle-dashed' },
} as const;

/** Why an answer is what it is: what was asked, in its order, up to where it stopped. */
export function Chain(props: { readonly steps: readonly Step[] }): JSX.Element {
  return (
    <ol class="chain">
      {props.steps.map(({ outcome, title, meta }) => (
        <li key={title} class={outcome}>
          <span class="dot">
            <Icon name={STEPS[outcome].icon} />
          </span>
          <div>
            <p class="title">
              <span class="visually-hidden">{STEPS[outcome].words}</span>
              {title}
            </p>
            {meta !== undefined && <p class="meta">{meta}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** What is fixed about an object, by name. */
export function Facts(props: {
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[];
}): JSX.Element {
  return (
    <dl class="facts">
      {props.facts.map(([name, value]) => (
        <>
          <dt key={name}>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}
