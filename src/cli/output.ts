import type { Page, PageRequest } from '../access/page.js';
import type { CliContext } from './context.js';
import { everyPage, MANY_AT_ONCE } from '../services/every-page.js';

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

export interface Listing {
  readonly pageOf: (request: PageRequest) => Promise<Page<Fields>>;
  /** The sentence for a person when there is nothing. */
  readonly empty: string;
}

/** A list, written page by page: a JSON array, or a table. */
export async function printList(
  context: CliContext,
  { json }: OutputOptions,
  { pageOf, empty }: Listing,
): Promise<void> {
  await context.writeAll(listing(pageOf, json === true ? jsonArray() : table(empty)));
}

async function* listing(
  pageOf: Listing['pageOf'],
  { page, end }: ListForm,
): AsyncGenerator<string> {
  let isEmpty = true;
  for await (const rows of everyPage(pageOf, MANY_AT_ONCE)) {
    if (rows.length > 0) {
      yield page(rows, isEmpty);
      isEmpty = false;
    }
  }
  yield end(isEmpty);
}

interface ListForm {
  readonly page: (rows: readonly Fields[], isFirst: boolean) => string;
  readonly end: (isEmpty: boolean) => string;
}

function jsonArray(): ListForm {
  return {
    page(rows, isFirst) {
      return (isFirst ? '[' : ',') + rows.map((row) => JSON.stringify(row)).join(',');
    },
    end(isEmpty) {
      return isEmpty ? '[]\n' : ']\n';
    },
  };
}

/** Its columns grow where a later page needs more room. */
function table(empty: string): ListForm {
  let widths: readonly number[] = [];
  return {
    page(rows, isFirst) {
      const keys = Object.keys(rows[0] ?? {});
      const head = isFirst ? [keys.map((key) => key.toUpperCase())] : [];
      const lines = [...head, ...rows.map((row) => cells(row, keys))];
      widths = keys.map((_, column) =>
        Math.max(widths[column] ?? 0, ...lines.map((line) => textAt(line, column).length)),
      );
      return lines.map((line) => `${padded(line, widths)}\n`).join('');
    },
    end(isEmpty) {
      return isEmpty ? `${empty}\n` : '';
    },
  };
}

function padded(line: readonly string[], widths: readonly number[]): string {
  return line
    .map((text, column) => text.padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd();
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
