import type { ComponentChildren, JSX } from 'preact';

/** A sheet of paper with a heading, which names it for screen readers too. */
export function Card(props: {
  /** Of the heading. */
  readonly id: string;
  readonly title: string;
  /** Behind the title, in grey: how many. */
  readonly count?: string | number;
  /** A sentence beside the title. */
  readonly note?: ComponentChildren;
  /** At the end of the head. */
  readonly actions?: ComponentChildren;
  readonly kind?: 'danger' | 'secret';
  readonly children?: ComponentChildren;
}): JSX.Element {
  const { id, kind } = props;
  return (
    <section class={kind === undefined ? 'card' : `card ${kind}`} aria-labelledby={id}>
      <CardHead {...props} />
      {props.children}
    </section>
  );
}

export function CardHead(props: {
  readonly id: string;
  readonly title: string;
  readonly level?: 2 | 3;
  readonly count?: string | number;
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
}): JSX.Element {
  const Heading = props.level === 3 ? 'h3' : 'h2';
  return (
    <div class="card-head">
      <Heading id={props.id}>
        {props.title}
        {props.count !== undefined && (
          <>
            {' '}
            <span class="count">{props.count}</span>
          </>
        )}
      </Heading>
      {props.note !== undefined && <p>{props.note}</p>}
      {props.actions !== undefined && <div class="push actions">{props.actions}</div>}
    </div>
  );
}

export function CardBody(props: { readonly children: ComponentChildren }): JSX.Element {
  return <div class="card-body">{props.children}</div>;
}

export function CardFoot(props: { readonly children: ComponentChildren }): JSX.Element {
  return <div class="card-foot">{props.children}</div>;
}

/** The page proper, and beside it what one looks at now and then; below it where there is no room. */
export function WithRail(props: {
  readonly rail: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="cols">
      <div class="col">{props.children}</div>
      <div class="col">{props.rail}</div>
    </div>
  );
}
