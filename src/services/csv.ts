/** Tables for spreadsheets. */

/**
 * A spreadsheet takes a text that begins like this for a formula, and people choose names: an apostrophe
 * in front keeps it a text.
 */
const FORMULA = /^[=+\-@\t\r\n]/;

type Value = string | number | null;

/** With a heading, in pieces: no more of it is in memory than one page of rows. */
export async function* csvOf<Column extends string>(
  columns: readonly Column[],
  pages: AsyncIterable<readonly Readonly<Record<Column, Value>>[]>,
): AsyncGenerator<string> {
  yield csvLine(columns);
  for await (const rows of pages) {
    yield rows.map((row) => csvLine(columns.map((column) => row[column] ?? ''))).join('');
  }
}

/** RFC 4180. */
function csvLine(values: readonly (string | number)[]): string {
  return `${values.map(csvValue).join(',')}\r\n`;
}

function csvValue(value: string | number): string {
  const text = String(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
