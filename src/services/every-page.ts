import type { Cursor, Page, PageRequest } from '../access/page.js';

const AT_ONCE = 100;

/** A whole list, of which no more than a page is in memory. */
export async function* everyPage<T>(
  pageOf: (request: PageRequest) => Promise<Page<T>>,
): AsyncGenerator<readonly T[]> {
  let after: Cursor | null = null;
  do {
    const { items, next }: Page<T> = await pageOf({
      limit: AT_ONCE,
      start: { after },
      total: false,
    });
    yield items;
    after = next;
  } while (after !== null);
}
