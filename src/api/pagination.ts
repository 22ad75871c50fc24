/** Pages of a list, and the headers that tell of the others: GitLab's, by number and by keyset. */

import { MOST_COUNTED, type Cursor, type Page, type PageRequest } from '../access/page.js';
import type { Given } from './given.js';
import { Refusal, wrongParameters } from './errors.js';
import { FROM_ONE, integer, text, wordOf } from './parameters.js';

const PER_PAGE = 20;
const MAX_PER_PAGE = 100;
/** Far past any list, and far below where an offset stops to be exact. */
const MAX_PAGE = 2 ** 31 - 1;
/** The database walks over the rows of all pages before. */
const MAX_OFFSET = 50_000;

export const pageParameters = {
  page: integer.meta(FROM_ONE).optional(),
  per_page: integer
    .meta(FROM_ONE)
    .optional()
    .describe(`${PER_PAGE} by default, at most ${MAX_PER_PAGE}.`),
  pagination: wordOf(['legacy', 'keyset'])
    .optional()
    .describe('`keyset` for pages that each link to the next, however long the list is.'),
  cursor: text.optional().describe('Where a page by keyset begins, as the link to it has it.'),
};

/** By number, or behind a row. */
export type PageWanted =
  | { readonly by: 'offset'; readonly page: number; readonly perPage: number }
  | { readonly by: 'keyset'; readonly after: Cursor | null; readonly perPage: number };

export function pageWanted(input: {
  readonly page?: number | undefined;
  readonly per_page?: number | undefined;
  readonly pagination?: 'legacy' | 'keyset' | undefined;
  readonly cursor?: string | undefined;
}): PageWanted {
  const { page = 1, per_page: perPage = PER_PAGE, pagination, cursor = null } = input;
  if (page > MAX_PAGE) {
    throw wrongParameters('page does not have a valid value');
  }
  if (perPage < 1) {
    throw wrongParameters('per_page does not have a valid value');
  }
  const size = Math.min(perPage, MAX_PER_PAGE);
  return pagination === 'keyset'
    ? { by: 'keyset', after: cursor, perPage: size }
    : { by: 'offset', page: Math.max(page, 1), perPage: size };
}

/** GitLab: lib/gitlab/pagination/offset_pagination.rb has the same bound and, with the type, the same words. */
export function pageRequest(wanted: PageWanted, type: string): PageRequest {
  if (wanted.by === 'keyset') {
    return { limit: wanted.perPage, start: { after: wanted.after }, total: false };
  }
  const offset = (wanted.page - 1) * wanted.perPage;
  if (offset > MAX_OFFSET) {
    throw new Refusal(405, {
      error:
        `Offset pagination has a maximum allowed offset of ${MAX_OFFSET} for requests that return ` +
        `objects of type ${type}. Remaining records can be retrieved using keyset pagination.`,
    });
  }
  return { limit: wanted.perPage, start: { offset }, total: true };
}

export interface ListAddress {
  /** Without a query, from the scheme on. */
  readonly url: string;
  /** The filters of the list. Never more than it knows: a query could hold a token. */
  readonly filters: Given;
}

export function pageHeaders(
  wanted: PageWanted,
  found: Pick<Page<unknown>, 'next' | 'total'>,
  address: ListAddress,
): Record<string, string> {
  return wanted.by === 'keyset'
    ? keysetHeaders(wanted.perPage, found.next, address)
    : offsetHeaders(wanted, found, address);
}

/** GitLab: lib/gitlab/pagination/keyset/header_builder.rb. */
function keysetHeaders(
  perPage: number,
  next: Cursor | null,
  address: ListAddress,
): Record<string, string> {
  const headers = { 'x-per-page': String(perPage) };
  if (next === null) {
    return headers;
  }
  const fields = { pagination: 'keyset', per_page: String(perPage), cursor: next };
  return { ...headers, link: `<${pageUrl(address, fields)}>; rel="next"` };
}

/**
 * GitLab: lib/gitlab/pagination/offset_header_builder.rb. A number that there is none of is empty; of a list
 * too long to be counted, its length and its last page are left out.
 */
function offsetHeaders(
  { page, perPage }: Extract<PageWanted, { readonly by: 'offset' }>,
  { next, total }: Pick<Page<unknown>, 'next' | 'total'>,
  address: ListAddress,
): Record<string, string> {
  if (total === null) {
    throw new Error('a list was not counted');
  }
  const isCounted = total <= MOST_COUNTED;
  const pages = Math.max(1, Math.ceil(total / perPage));
  const hasNext = isCounted ? page < pages : next !== null;
  const links = {
    prev: page > 1 ? page - 1 : null,
    next: hasNext ? page + 1 : null,
    first: 1,
    last: isCounted ? pages : null,
  };
  return {
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-prev-page': String(links.prev ?? ''),
    'x-next-page': String(links.next ?? ''),
    ...(isCounted && { 'x-total': String(total), 'x-total-pages': String(pages) }),
    link: Object.entries(links)
      .filter(([, number]) => number !== null)
      .map(([rel, number]) => {
        const fields = { page: String(number), per_page: String(perPage) };
        return `<${pageUrl(address, fields)}>; rel="${rel}"`;
      })
      .join(', '),
  };
}

function pageUrl({ url, filters }: ListAddress, fields: Record<string, string>): string {
  const query = new URLSearchParams(fields);
  for (const [name, value] of filters) {
    for (const [key, one] of Array.isArray(value)
      ? value.map((each) => [`${name}[]`, each] as const)
      : [[name, value] as const]) {
      query.append(key, String(one));
    }
  }
  return `${url}?${query.toString()}`;
}
