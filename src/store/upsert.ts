/** How a kind of database says that a row is changed where one with its key is there already. */
export interface UpsertWords {
  /** What the changes follow, for a key of these columns. */
  readonly orUpdate: (...key: string[]) => string;
  /** The value of a column in the row that is given, as opposed to the one that is there. */
  readonly given: (column: string) => string;
}

/** With a mark for each value, row by row. */
export function insertInto(table: string, columns: readonly string[], rows: number): string {
  const row = `(${columns.map(() => '?').join(', ')})`;
  const all = Array.from({ length: rows }, () => row).join(', ');
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${all}`;
}
