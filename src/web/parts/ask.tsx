import type { ComponentChildren, JSX } from 'preact';
import { PostForm } from './form.js';

/** The way back, which has the focus: a link on a page, the button that closes a dialog. */
export type KeepIt = { readonly href: string } | 'closes-dialog';

/** Before something is taken away: what, what for it was last used, what happens, and the way back. */
export function Ask(props: {
  /** Of the title. */
  readonly id: string;
  readonly title: ComponentChildren;
  /** A notice: whether it is in use. */
  readonly use?: ComponentChildren;
  readonly action: string;
  readonly csrf: string;
  readonly keepIt: KeepIt;
  /** Where nothing is taken away, and so nothing kept. */
  readonly keepLabel?: string;
  /** The way that can be taken back, such as “Suspend instead”. */
  readonly instead?: JSX.Element;
  /** The button that does it. */
  readonly doIt: JSX.Element;
  /** What happens then. */
  readonly children: ComponentChildren;
}): JSX.Element {
  const { keepIt, keepLabel = 'Keep it' } = props;
  return (
    <>
      <h2 id={props.id}>{props.title}</h2>
      {props.use}
      <p>{props.children}</p>
      <PostForm action={props.action} csrf={props.csrf} class="actions">
        {keepIt === 'closes-dialog' ? (
          <button type="button" class="button" data-close="" autofocus>
            {keepLabel}
          </button>
        ) : (
          <a class="button" href={keepIt.href} autofocus>
            {keepLabel}
          </a>
        )}
        {props.instead}
        {props.doIt}
      </PostForm>
    </>
  );
}

/** The page that asks. */
export function AskPage(props: {
  /** An `Ask` with the id that is given. */
  readonly question: (id: string) => JSX.Element;
}): JSX.Element {
  return (
    <section class="ask" aria-labelledby="question">
      {props.question('question')}
    </section>
  );
}

/** The link to the page that asks; with a script, the same question in a dialog above this page. */
export function AskFirst(props: {
  readonly id: string;
  readonly href: string;
  readonly label: ComponentChildren;
  readonly class?: string;
  /** An `Ask` with the id that follows from ours. */
  readonly question: (id: string) => JSX.Element;
}): JSX.Element {
  const { id } = props;
  const titleId = `${id}-title`;
  return (
    <>
      <a class={props.class ?? 'button danger sm'} href={props.href} data-dialog={id}>
        {props.label}
      </a>
      <dialog id={id} class="ask" aria-labelledby={titleId}>
        {props.question(titleId)}
      </dialog>
    </>
  );
}
