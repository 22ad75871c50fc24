import type { ComponentChildren, JSX } from 'preact';
import { Tile, type Kind } from './chip.js';
import { Icon, type IconName } from './icon.js';

type NoticeKind = Exclude<Kind, 'plain'>;

const ICON: Readonly<Record<NoticeKind, IconName>> = {
  good: 'circle-check',
  warn: 'triangle-alert',
  bad: 'circle-x',
  info: 'info',
};

/**
 * What happened to which object, with at most one action. `standing` is for what is so whenever the page
 * is opened: it is not read out as news.
 */
export function Notice(props: {
  readonly kind: NoticeKind;
  readonly standing?: boolean;
  readonly action?: JSX.Element;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { kind } = props;
  const news = kind === 'bad' ? 'alert' : 'status';
  return (
    <div class={`notice ${kind}`} role={props.standing === true ? 'note' : news}>
      <Icon name={ICON[kind]} />
      <div>
        <p>{props.children}</p>
        {props.action}
      </div>
    </div>
  );
}

/** What would be here, and the next step. */
export function Empty(props: {
  readonly icon: IconName;
  readonly kind?: Kind;
  readonly title: string;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <Tile icon={props.icon} kind={props.kind ?? 'plain'} />
      <p class="title">{props.title}</p>
      <p>{props.children}</p>
      {props.actions !== undefined && <div class="actions">{props.actions}</div>}
    </div>
  );
}
