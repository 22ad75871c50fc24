/** Long lists, page by page: by addresses alone, so that they work without a script. */

import type { JSX } from 'preact';
import { MOST_COUNTED, type Cursor, type Page, type PageRequest } from '../access/page.js';
import { fieldText, type Fields } from './fields.js';
import type { Visit } from './visit.js';

export const PER_PAGE = 50;
/** Names the row behind which the page begins, where a page has one list. */
const FIELD = 'after';

/** The page of a list that an address asks for. */
export function pageIn(query: Fields, field = FIELD): PageRequest {
  return { limit: PER_PAGE, start: { after: fieldText(query, field) || null }, total: true };
}

/** How long the list is, as far as it was counted. */
export function countText({ total }: Pick<Page<unknown>, 'total'>): string {
  return total !== null && total > MOST_COUNTED ? `${MOST_COUNTED}+` : String(total ?? 0);
}

export function isFirstPage(query: Fields, field = FIELD): boolean {
  return fieldText(query, field) === '';
}

/** Links to the first page and to the next one; nothing for a list that one page holds. */
export function Pages(props: {
  readonly visit: Pick<Visit, 'path' | 'query'>;
  /** What the list holds, such as “members”. */
  readonly of: string;
  readonly next: Cursor | null;
  readonly field?: string;
  /** The other fields of the address that stay: its filters, and never more than the page knows. */
  readonly keeps?: readonly string[];
  /** The id of the element to go to. */
  readonly anchor?: string;
}): JSX.Element | null {
  const { visit, next, field = FIELD, keeps = [], anchor = '' } = props;
  const isFirst = isFirstPage(visit.query, field);
  if (isFirst && next === null) {
    return null;
  }
  const filters = keeps
    .map((name) => [name, fieldText(visit.query, name)] as const)
    .filter(([, value]) => value !== '');

  function addressOf(after: readonly (readonly [string, string])[]): string {
    const query = new URLSearchParams([...filters, ...after].map(([name, value]) => [name, value]));
    return visit.path + (query.size === 0 ? '' : `?${query.toString()}`) + (anchor && `#${anchor}`);
  }

  return (
    <nav class="pages" aria-label={`Pages of ${props.of}`}>
      {!isFirst && (
        <a class="button sm" rel="first" href={addressOf([])}>
          First page
        </a>
      )}
      {next !== null && (
        <a class="button sm" rel="next" href={addressOf([[field, next]])}>
          Next page
        </a>
      )}
    </nav>
  );
}
