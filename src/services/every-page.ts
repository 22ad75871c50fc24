import type { Cursor, Page, PageRequest } from '../access/page.js';

/** So few that reading them holds no request up. */
const AT_ONCE = 100;
/** Where there are no requests. */
export const MANY_AT_ONCE = 1000;

/** A whole list, of which no more than a page is in memory. */
export async function* everyPage<T>(
  pageOf: (request: PageRequest) => Promise<Page<T>>,
  limit = AT_ONCE,
): AsyncGenerator<readonly T[]> {
  let after: Cursor | null = null;
  do {
    const { items, next }: Page<T> = await pageOf({
      limit,
      start: { after },
      total: false,
    });
    yield items;
    after = next;
  } while (after !== null);
}
