/** Pages of a list, and the headers that tell of the others: GitLab's offset pagination. */

import type { PageRequest } from '../access/page.js';
import type { Given } from './given.js';
import { wrongParameters } from './errors.js';
import { integer } from './parameters.js';

const PER_PAGE = 20;
const MAX_PER_PAGE = 100;
/** Far past any list, and far below where an offset stops to be exact. */
const MAX_PAGE = 2 ** 31 - 1;

export const pageParameters = {
  page: integer.optional().describe('From 1 on.'),
  per_page: integer.optional().describe(`${PER_PAGE} by default, at most ${MAX_PER_PAGE}.`),
};

export interface PageNumbers {
  readonly page: number;
  readonly perPage: number;
}

export function pageNumbers(input: {
  readonly page?: number | undefined;
  readonly per_page?: number | undefined;
}): PageNumbers {
  const { page = 1, per_page: perPage = PER_PAGE } = input;
  if (page > MAX_PAGE) {
    throw wrongParameters('page does not have a valid value');
  }
  if (perPage < 1) {
    throw wrongParameters('per_page does not have a valid value');
  }
  return { page: Math.max(page, 1), perPage: Math.min(perPage, MAX_PER_PAGE) };
}

export function pageRequest({ page, perPage }: PageNumbers): PageRequest {
  return { limit: perPage, start: { offset: (page - 1) * perPage }, total: true };
}

export interface ListAddress {
  /** Without a query, from the scheme on. */
  readonly url: string;
  /** The filters of the list. Never more than it knows: a query could hold a token. */
  readonly filters: Given;
}

/** GitLab: lib/gitlab/pagination/offset_header_builder.rb. A number that there is none of is empty. */
export function pageHeaders(
  { page, perPage }: PageNumbers,
  total: number,
  address: ListAddress,
): Record<string, string> {
  const pages = Math.max(1, Math.ceil(total / perPage));
  const previous = page > 1 ? page - 1 : null;
  const next = page < pages ? page + 1 : null;
  const links = { prev: previous, next, first: 1, last: pages };
  return {
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-prev-page': String(previous ?? ''),
    'x-next-page': String(next ?? ''),
    'x-total': String(total),
    'x-total-pages': String(pages),
    link: Object.entries(links)
      .filter(([, number]) => number !== null)
      .map(([rel, number]) => `<${pageUrl(address, Number(number), perPage)}>; rel="${rel}"`)
      .join(', '),
  };
}

function pageUrl({ url, filters }: ListAddress, page: number, perPage: number): string {
  const query = new URLSearchParams({ page: String(page), per_page: String(perPage) });
  for (const [name, value] of filters) {
    for (const [key, one] of Array.isArray(value)
      ? value.map((each) => [`${name}[]`, each] as const)
      : [[name, value] as const]) {
      query.append(key, String(one));
    }
  }
  return `${url}?${query.toString()}`;
}
