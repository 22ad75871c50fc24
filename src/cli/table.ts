/** Lists as a person reads them: a table that fits the terminal, or blocks where none would. */

import type { ListForm, Row } from './output.js';

const GAP = 2;
/** What a column keeps of longer texts; its heading is always whole. */
const LEAST = 12;

/** `room` is how wide a line may be; null for any. */
export function tableForm(empty: string, room: number | null): ListForm {
  let widths: readonly number[] = [];

  function asTable(rows: readonly Row[], keys: readonly string[], isFirst: boolean): string {
    const head = isFirst ? [keys.map((key) => key.toUpperCase())] : [];
    const lines = [...head, ...rows.map((row) => keys.map((key) => row[key] ?? ''))];
    // Its columns grow where a later page needs more room.
    widths = keys.map((_, column) =>
      Math.max(widths[column] ?? 0, ...lines.map((line) => (line[column] ?? '').length)),
    );
    const fitting = room === null ? widths : fitTo(room, widths, keys);
    return lines.map((line) => `${padded(line, fitting)}\n`).join('');
  }

  return {
    page(rows, isFirst) {
      const keys = Object.keys(rows[0] ?? {});
      return room !== null && isTooNarrow(room, keys)
        ? rows.map((row, index) => (isFirst && index === 0 ? '' : '\n') + block(row)).join('')
        : asTable(rows, keys, isFirst);
    },
    end(isEmpty) {
      return isEmpty ? `${empty}\n` : '';
    },
  };
}

/** `key: value` lines. */
export function block(row: Row): string {
  const width = Math.max(...Object.keys(row).map((key) => key.length));
  return Object.entries(row)
    .map(([key, text]) => `${`${key}:`.padEnd(width + GAP)}${text}\n`)
    .join('');
}

function isTooNarrow(room: number, keys: readonly string[]): boolean {
  return widthOf(keys.map(({ length }) => length)) > room;
}

function widthOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);
}

/** The widest column gives way first, down to the least, and then down to its heading. */
function fitTo(
  room: number,
  widths: readonly number[],
  keys: readonly string[],
): readonly number[] {
  const headings = keys.map(({ length }) => length);
  const least = headings.map((heading) => Math.max(heading, LEAST));
  return shrink(room, shrink(room, widths, least), headings);
}

function shrink(
  room: number,
  widths: readonly number[],
  least: readonly number[],
): readonly number[] {
  let narrower = widths;
  while (widthOf(narrower) > room) {
    const spare = narrower.map((width, column) => (width > (least[column] ?? 0) ? width : 0));
    const widest = Math.max(...spare);
    if (widest === 0) {
      return narrower;
    }
    narrower = narrower.with(spare.indexOf(widest), widest - 1);
  }
  return narrower;
}

function padded(line: readonly string[], widths: readonly number[]): string {
  return line
    .map((text, column) => cut(text, widths[column] ?? 0).padEnd(widths[column] ?? 0))
    .join(' '.repeat(GAP))
    .trimEnd();
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
