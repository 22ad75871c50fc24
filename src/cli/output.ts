import type { CliContext } from './context.js';

export interface OutputOptions {
  readonly json?: boolean;
}

type Cell = string | number | boolean | null | readonly string[];
/** One thing as it is printed, keys in the order of the columns. */
export type Fields = Readonly<Record<string, Cell>>;

/** One object: a JSON line, or `key: value` lines. */
export function printOne(context: CliContext, { json }: OutputOptions, fields: Fields): void {
  if (json === true) {
    context.writeOut(`${JSON.stringify(fields)}\n`);
    return;
  }
  const width = Math.max(...Object.keys(fields).map((key) => key.length));
  for (const [key, value] of Object.entries(fields)) {
    context.writeOut(`${`${key}:`.padEnd(width + 2)}${cellText(value)}\n`);
  }
}

/** A list: a JSON array, or a table; `empty` is the sentence for a person when there is nothing. */
export function printList(
  context: CliContext,
  { json }: OutputOptions,
  { rows, empty }: { readonly rows: readonly Fields[]; readonly empty: string },
): void {
  if (json === true) {
    context.writeOut(`${JSON.stringify(rows)}\n`);
    return;
  }
  const [first] = rows;
  if (first === undefined) {
    context.writeOut(`${empty}\n`);
    return;
  }
  const keys = Object.keys(first);
  const lines = [keys.map((key) => key.toUpperCase()), ...rows.map((row) => cells(row, keys))];
  const widths = keys.map((_, column) =>
    Math.max(...lines.map((line) => textAt(line, column).length)),
  );
  for (const line of lines) {
    const padded = line.map((text, column) => text.padEnd(widths[column] ?? 0));
    context.writeOut(`${padded.join('  ').trimEnd()}\n`);
  }
}

function cells(row: Fields, keys: readonly string[]): string[] {
  return keys.map((key) => cellText(row[key] ?? null));
}

function textAt(line: readonly string[], column: number): string {
  return line[column] ?? '';
}

function cellText(value: Cell): string {
  if (value === null) {
    return '-';
  }
  return typeof value === 'object' ? value.join(',') : String(value);
}
