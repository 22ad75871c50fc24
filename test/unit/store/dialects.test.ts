import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';

const SRC = join(import.meta.dirname, '..', '..', '..', '..', 'src');
const STORE = join(SRC, 'store');
/** The table of the kinds, and migrations, which stay as they were merged. */
const MAY_NAME_THEM = ['databases.ts', 'migrations/'];
/** A database that goes by the name of another one. */
const ALIASES: Readonly<Record<string, string>> = { mysql: 'mysql|mariadb' };
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;

describe('the kinds of databases', () => {
  let kinds: readonly string[];

  before(async () => {
    const entries = await readdir(STORE, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    kinds = folders.filter((name) => name !== 'migrations');
    expect(kinds).to.include.members(['sqlite', 'mysql']);
  });

  it('are named by no code of the store outside their folders', async () => {
    const exempt = [...kinds.map((kind) => `${kind}/`), ...MAY_NAME_THEM];
    const files = (await codeIn(STORE)).filter(
      ({ file }) => !exempt.some((path) => file.startsWith(path)),
    );

    expect(files.flatMap((code) => mentions(code, kinds))).to.deep.equal([]);
  });

  it('do not know each other', async () => {
    const files = await Promise.all(
      kinds.map(async (kind) => ({ kind, code: await codeIn(join(STORE, kind)) })),
    );

    const others = files.flatMap(({ kind, code }) =>
      code.flatMap((file) =>
        mentions(
          file,
          kinds.filter((other) => other !== kind),
        ),
      ),
    );

    expect(others).to.deep.equal([]);
  });

  it('are told apart nowhere outside the store, and only it imports them', async () => {
    const files = (await codeIn(SRC)).filter(({ file }) => !file.startsWith('store/'));
    const names = kinds.join('|');
    const choice = new RegExp(`[!=]== '(?:${names})'|case '(?:${names})'|store/(?:${names})/`, 'g');

    expect(files.flatMap((code) => found(code, choice))).to.deep.equal([]);
  });

  it('would be noticed in code, and not in a comment', () => {
    const code = withoutComments("/** MySQL */ const url = 'sqlite://x'; // SQLite\n// MariaDB");

    expect(mentions({ file: 'x.ts', code }, ['sqlite', 'mysql'])).to.deep.equal(['x.ts: sqlite']);
    expect(mentions({ file: 'x.ts', code: 'isMariaDb()' }, ['mysql'])).to.deep.equal([
      'x.ts: MariaDb',
    ]);
  });
});

interface Code {
  readonly file: string;
  readonly code: string;
}

async function codeIn(root: string): Promise<Code[]> {
  const files = (await readdir(root, { recursive: true })).filter((file) => /\.tsx?$/.test(file));
  return await Promise.all(
    files.map(async (file) => ({
      file,
      code: withoutComments(await readFile(join(root, file), 'utf8')),
    })),
  );
}

function withoutComments(text: string): string {
  return text.replaceAll(COMMENT, '');
}

function mentions(code: Code, kinds: readonly string[]): string[] {
  return found(code, new RegExp(kinds.map((kind) => ALIASES[kind] ?? kind).join('|'), 'gi'));
}

function found({ file, code }: Code, pattern: RegExp): string[] {
  return [...code.matchAll(pattern)].map(([text]) => `${file}: ${text}`);
}
