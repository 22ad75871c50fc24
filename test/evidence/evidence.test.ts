import { readFile } from 'node:fs/promises';
import { expect } from 'chai';

const ROOT = new URL('../../../', import.meta.url);
const PITFALLS = 39;

interface Pitfall {
  readonly number: number;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

describe('docs/evidence.md', () => {
  let pitfalls: Pitfall[];

  before(async () => {
    pitfalls = readPitfalls(await source('docs/evidence.md'));
  });

  it('names a test for each pitfall', () => {
    const numbers = pitfalls.map(({ number }) => number);

    expect(numbers).to.deep.equal(Array.from({ length: PITFALLS }, (_, index) => index + 1));
    for (const { number, tests } of pitfalls) {
      expect(tests, `pitfall ${number}`).not.to.deep.equal([]);
    }
  });

  it('names no test that does not exist', async () => {
    for (const { file, title } of pitfalls.flatMap(({ tests }) => tests)) {
      expect(titleLine(await source(file), title), `${file}: ${title}`).not.to.equal(-1);
    }
  });

  it('has the attack told in three lines at the first test of each pitfall', async () => {
    for (const { number, tests } of pitfalls) {
      const [first] = tests;
      const told = first && linesOfAttack(await source(first.file), first.title);

      expect(told, `pitfall ${number}`).to.be.greaterThan(2);
    }
  });
});

async function source(file: string): Promise<string> {
  return await readFile(new URL(file, ROOT), 'utf8');
}

function readPitfalls(page: string): Pitfall[] {
  return page.split(/^(?=\d+\. )/m).flatMap((section) => {
    const number = /^(\d+)\. /.exec(section)?.[1];
    const named = section.matchAll(/^ +- `(?<file>[^`]+)`: (?<title>.+)$/gm);
    return number === undefined
      ? []
      : [
          {
            number: Number(number),
            tests: Array.from(named, ({ groups }) => ({
              file: groups?.['file'] ?? '',
              title: groups?.['title'] ?? '',
            })),
          },
        ];
  });
}

/** A title that is put together is named by a part of it that stands there. */
function titleLine(text: string, title: string): number {
  return text.split('\n').findIndex((line) => /^\s*it\(/.test(line) && line.includes(title));
}

/** Right above the test, or at the beginning of it. */
function linesOfAttack(text: string, title: string): number {
  const lines = text.split('\n').map((line) => line.trim());
  const at = titleLine(text, title);
  const above = lines.slice(0, at).toReversed();
  return Math.max(...[above, lines.slice(at + 1)].map(leadingComment));
}

function leadingComment(lines: readonly string[]): number {
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return end === -1 ? lines.length : end;
}
