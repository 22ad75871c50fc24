/** The tables and the commands of a document, for the tests that hold it to the code. */

export type Row = Readonly<Record<string, string>>;

/** The rows of the table whose first column has this heading, each by the headings of its columns. */
export function tableRows(page: string, firstHeading: string): Row[] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => cells(line)[0] === firstHeading);
  const headings = cells(lines[start] ?? '');
  const after = lines.slice(start + 2);
  const end = after.findIndex((line) => !line.startsWith('|'));
  const rows = start === -1 ? [] : after.slice(0, end === -1 ? after.length : end);
  return rows.map((line) => {
    const texts = cells(line);
    return Object.fromEntries(headings.map((heading, index) => [heading, texts[index] ?? '']));
  });
}

function cells(line: string): string[] {
  return line.startsWith('|')
    ? line
        .slice(1, line.lastIndexOf('|'))
        .split('|')
        .map((cell) => cell.trim())
    : [];
}

export function codesIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, code = '']) => code);
}

/** The blocks of code below the heading of a section, up to the next heading. */
export function codeBlocks(page: string, heading: string): string[] {
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  const [text = ''] = section.split(/^#{2,3} /m);
  return Array.from(text.matchAll(/^```\w*\n(.*?)^```$/gms), ([, code = '']) => code);
}

/** The page with another text at one place, which must be there once. */
export function withLie(page: string, truth: string, lie: string): string {
  if (page.split(truth).length !== 2) {
    throw new Error(`The document has not exactly one: ${truth}`);
  }
  return page.replace(truth, () => lie);
}
