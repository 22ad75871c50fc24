import type { Page, PageRequest } from '../access/page.js';
import type { CliContext } from './context.js';
import { block, tableForm } from './table.js';
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
  context.writeOut(block(texts(fields)));
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
  const asText = tableForm(empty, context.columns);
  await context.writeAll(
    json === true ? listing(pageOf, jsonArray()) : listing(textsOf(pageOf), asText),
  );
}

/** The same as texts. */
function textsOf(pageOf: Listing['pageOf']): (request: PageRequest) => Promise<Page<Row>> {
  return async (request) => {
    const page = await pageOf(request);
    return { ...page, items: page.items.map(texts) };
  };
}

async function* listing<Item>(
  pageOf: (request: PageRequest) => Promise<Page<Item>>,
  { page, end }: ListForm<Item>,
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

/** A row of a table, keys in the order of the columns. */
export type Row = Readonly<Record<string, string>>;

export interface ListForm<Item = Row> {
  readonly page: (rows: readonly Item[], isFirst: boolean) => string;
  readonly end: (isEmpty: boolean) => string;
}

function jsonArray(): ListForm<Fields> {
  return {
    page(rows, isFirst) {
      return (isFirst ? '[' : ',') + rows.map((row) => JSON.stringify(row)).join(',');
    },
    end(isEmpty) {
      return isEmpty ? '[]\n' : ']\n';
    },
  };
}

function texts(row: Fields): Row {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, cellText(value)]));
}

function cellText(value: Cell): string {
  if (value === null) {
    return '-';
  }
  return typeof value === 'object' ? value.join(',') : String(value);
}
