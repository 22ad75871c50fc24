/** Tables whose rows become cards where there is no room, without losing anything. */

import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icon.js';

export interface Column {
  readonly name: string;
  /** A width of the stylesheet; the first column takes what is left. */
  readonly width?: 'owner' | 'expires' | 'used' | 'spark' | 'actions' | 'pick';
}

/** Last in most tables; only screen readers hear its name. */
export const ACTIONS: Column = { name: 'Actions', width: 'actions' };

export function Grid(props: {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <table class="grid">
      <caption class="visually-hidden">{props.caption}</caption>
      <thead>
        <tr>
          {props.columns.map(({ name, width }) => (
            <th scope="col" key={name} class={width === undefined ? undefined : `w-${width}`}>
              {width === 'actions' || width === 'pick' ? (
                <span class="visually-hidden">{name}</span>
              ) : (
                name
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{props.children}</tbody>
    </table>
  );
}

/** The edge in front of a row says what its chip says: refused and still tried, soon, suspended. */
export function GridRow(props: {
  readonly mark?: 'bad' | 'warn' | 'info' | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <tr class={props.mark === undefined ? undefined : `mark-${props.mark}`}>{props.children}</tr>
  );
}

/** What the row is: name and at most two chips, then facts in grey. */
export function MainCell(props: {
  readonly icon: IconName;
  readonly title: ComponentChildren;
  readonly sub?: ComponentChildren;
}): JSX.Element {
  return (
    <td class="main">
      <div class="cell-main">
        <Icon name={props.icon} />
        <div>
          <p class="title">{props.title}</p>
          {props.sub !== undefined && <p class="sub">{props.sub}</p>}
        </div>
      </div>
    </td>
  );
}

/** Two lines; on a card they follow the name of their column. */
export function Cell(props: {
  readonly of: string;
  readonly first: ComponentChildren;
  readonly second?: ComponentChildren;
}): JSX.Element {
  const { second } = props;
  return (
    <td data-label={props.of}>
      <span class="l1">{props.first}</span>
      {second !== undefined && second !== '' && <span class="sub">{second}</span>}
    </td>
  );
}

export function ActionCell(props: { readonly children?: ComponentChildren }): JSX.Element {
  return <td class="act">{props.children}</td>;
}

export function SparkCell(props: { readonly children?: ComponentChildren }): JSX.Element {
  return <td class="spark-cell">{props.children}</td>;
}

/** The box that selects a row, for what is done to several at once. */
export function PickCell(props: {
  readonly name: string;
  readonly value: string;
  readonly label: string;
  readonly checked?: boolean;
}): JSX.Element {
  const { name, value, label, checked = false } = props;
  return (
    <td class="pick">
      <input type="checkbox" name={name} value={value} aria-label={label} checked={checked} />
    </td>
  );
}
