/** What is used here of better-sqlite3, which has no types of its own. */

declare module 'better-sqlite3' {
  export interface Statement {
    /** Whether it gives rows. */
    readonly reader: boolean;
    readonly all: (...values: readonly unknown[]) => unknown[];
    readonly run: (...values: readonly unknown[]) => {
      readonly changes: number;
      readonly lastInsertRowid: number;
    };
  }

  export default class Sqlite {
    constructor(file: string, options?: { readonly timeout?: number });
    prepare(sql: string): Statement;
    pragma(text: string): unknown;
  }
}
