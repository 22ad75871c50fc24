/** Lists in pieces: what is asked of the database, and what it cuts out. */

/** The sort key of a row, as opaque text: the store wrote it, and only the store reads it. */
export type Cursor = string;

/** Counting reads what it counts, so it ends there. */
export const MOST_COUNTED = 10_000;

export type Direction = 'ASC' | 'DESC';

export interface PageRequest {
  readonly limit: number;
  /**
   * Either after a row, null for the first page, at the same cost however far down the list; or past
   * a number of rows, which the database has to walk over: for pages that a client asks for by number.
   */
  readonly start: { readonly after: Cursor | null } | { readonly offset: number };
  /** Whether to count the whole list, which is one more query; no further than `MOST_COUNTED`. */
  readonly total: boolean;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page starts; null on the last one. */
  readonly next: Cursor | null;
  /** The length of the whole list, one past `MOST_COUNTED` for any longer one; null unless it was asked for. */
  readonly total: number | null;
}
