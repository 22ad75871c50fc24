/**
 * scripts/import-directions.json against the linter: every place of src gets a file that imports every
 * other place and every package, there, in each of its folders and in one that is not there yet.
 */

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { run, temporaryFolder, type TemporaryFolder } from '../support/run.js';

const OXLINT = join(process.cwd(), 'node_modules/oxlint/bin/oxlint');
const CONFIG = '.oxlintrc.json';
const RULES = '.oxlintrc.imports.json';
const FOLDER_TO_COME = 'folder-to-come';

const Directions = z.record(
  z.string(),
  z.strictObject({
    why: z.string(),
    imports: z.array(z.string()),
    types: z.array(z.string()),
    packages: z.array(z.string()),
  }),
);
type Directions = z.output<typeof Directions>;

const Report = z.object({
  diagnostics: z.array(
    z.object({
      /** None for a file that cannot be read. */
      code: z.string().optional(),
      filename: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.int() }) })),
    }),
  ),
});

type Write = (from: string, id: string) => string;

/** Each way to import, with a name that the file does not have yet. */
const AS_VALUE: readonly Write[] = [
  (from, id) => `import { value as v${id} } from '${from}';`,
  (from, id) => `import { type Type as T${id}, value as v${id} } from '${from}';`,
  (from) => `import '${from}';`,
  (from) => `export * from '${from}';`,
  (from) => `await import('${from}');`,
];
const AS_TYPE: readonly Write[] = [
  (from, id) => `import type { Type as T${id} } from '${from}';`,
  (from, id) => `import { type Type as T${id} } from '${from}';`,
  (from, id) => `export type { Type as T${id} } from '${from}';`,
];
const FORMS = [
  ...AS_VALUE.map((write) => ({ write, isType: false })),
  ...AS_TYPE.map((write) => ({ write, isType: true })),
];

interface Planted {
  /** Of src: `web/pages/planted.ts` */
  readonly file: string;
  readonly lines: readonly { readonly text: string; readonly isAllowed: boolean }[];
}

describe('the directions of imports', () => {
  let folder: TemporaryFolder;
  let directions: Directions;
  let entries: readonly string[];

  before(async () => {
    folder = await temporaryFolder('pullgate-imports');
    directions = Directions.parse(await json('scripts/import-directions.json'));
    const found = await readdir('src', { recursive: true, withFileTypes: true });
    entries = found.map((entry) =>
      join(entry.parentPath, entry.name + (entry.isDirectory() ? '/' : '')).slice('src/'.length),
    );
  });

  after(async () => {
    await folder.remove();
  });

  it('are told for each folder and file of src, and for none that is not there', () => {
    const places = entries
      .filter((entry) => /^[^/]+\/?$/.test(entry))
      .map((entry) => entry.replace('/', ''));
    const told = Object.keys(directions).filter((place) => !place.includes('/'));

    expect(told.toSorted()).to.deep.equal(places.toSorted());
  });

  it('are those of ARCHITECTURE.md', () => {
    const doors = ['registry', 'git', 'api', 'web'];
    for (const [place, { imports, types, packages }] of Object.entries(directions)) {
      const known = [...imports, ...types];
      const fellows = doors.includes(place) ? [...doors, 'cli', 'quickstart', 'store'] : [];
      expect(known, place).not.to.include('main.ts');
      expect(
        known.filter((name) => fellows.includes(name)),
        place,
      ).to.deep.equal([]);
      expect(packages.includes('typeorm'), place).to.equal(place === 'store');
    }
    const { imports, types, packages } = directions['access'] ?? {};
    expect([imports, types, packages]).to.deep.equal([[], [], []]);
    expect(directions['services']?.imports).not.to.include.oneOf(['store', 'http', 'keys']);
  });

  it('are kept by the linter, at every depth', async () => {
    const packages = [...Object.keys((await packageJson()).dependencies), 'node:fs/promises'];
    const planted = Object.keys(directions).flatMap((place) =>
      filesToPlant(place, entries).map((file) => plant(file, place, directions, packages)),
    );
    for (const { file, lines } of planted) {
      const target = join(folder.path, 'src', file);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, lines.map(({ text }) => `${text}\n`).join(''));
    }

    const refused = await refusedLines(folder.path);

    const differences = planted.flatMap(({ file, lines }) =>
      lines.flatMap(({ text, isAllowed }, index) =>
        refused.has(`src/${file}:${index + 1}`) === isAllowed
          ? [`${file}: ${text} is ${isAllowed ? 'refused' : 'let through'}`]
          : [],
      ),
    );
    expect(differences).to.deep.equal([]);
    expect(refused.size).to.be.greaterThan(1000);
  });

  it('are switched off nowhere in src', async () => {
    for (const entry of entries.filter((name) => !name.endsWith('/'))) {
      const text = await readFile(join('src', entry), 'utf8');
      expect(text, entry).not.to.match(
        /(ox|es)lint-disable(?!-next-line [\w/-]+ -- )|no-restricted/,
      );
    }
  });
});

/** Itself for a file. For a folder, one in it, in each folder below, and in one more below each. */
function filesToPlant(place: string, entries: readonly string[]): string[] {
  if (place.endsWith('.ts')) {
    return [place];
  }
  const below = entries.filter((entry) => entry.startsWith(`${place}/`) && entry.endsWith('/'));
  const folders = below.filter((entry) => entry !== 'web/assets/' || place === 'web/assets');
  return [...new Set([`${place}/`, ...folders])].flatMap((name) => [
    `${name}planted.ts`,
    `${name}${FOLDER_TO_COME}/planted.ts`,
  ]);
}

function plant(
  file: string,
  place: string,
  directions: Directions,
  packages: readonly string[],
): Planted {
  const up = '../'.repeat(file.split('/').length - 1) || './';
  const ours = Object.keys(directions)
    .filter((name) => name !== place && !name.includes('/') && !place.startsWith(`${name}/`))
    .map((name) => ({ name, from: up + (name.endsWith('.ts') ? toJs(name) : `${name}/some.js`) }));
  const targets = [...ours, ...packages.map((name) => ({ name, from: name }))];
  const lines = targets.flatMap(({ name, from }, target) =>
    FORMS.map(({ isType, write }, form) => ({
      text: write(from, `${target}_${form}`),
      isAllowed: mayImport(directions, place, name, isType),
    })),
  );
  const neighbour = { text: "import './neighbour.js';", isAllowed: true };
  return { file, lines: [neighbour, ...lines, ...roundabout(place, up)] };
}

/** Forbidden to each, by a longer way. */
function roundabout(place: string, up: string): Planted['lines'] {
  const ways = [`${up}../test/run.js`, `${up}../src/some.js`];
  return [...ways, ...(place === 'main.ts' ? [] : [`${up}access/../main.js`])].map((from) => ({
    text: `import '${from}';`,
    isAllowed: false,
  }));
}

function toJs(name: string): string {
  return name.replace('.ts', '.js');
}

function mayImport(directions: Directions, place: string, name: string, isType: boolean): boolean {
  const { imports = [], types = [], packages = [] } = directions[place] ?? {};
  const kind = name.startsWith('node:') ? 'node:*' : name;
  return imports.includes(kind) || packages.includes(kind) || (isType && types.includes(kind));
}

/** `src/web/planted.ts:12`, of a folder with the linter's own configuration. */
async function refusedLines(folder: string): Promise<ReadonlySet<string>> {
  await writeFile(join(folder, RULES), await readFile(RULES));
  // What needs the compiler would ask for a whole project.
  const config = z.looseObject({ options: z.object({}) }).parse(await json(CONFIG));
  await writeFile(join(folder, CONFIG), JSON.stringify({ ...config, options: {} }));
  const { stdout } = await run(process.execPath, [OXLINT, '--format=json', '.'], { cwd: folder });
  const { diagnostics } = Report.parse(JSON.parse(stdout));
  expect(diagnostics.filter(({ code }) => code === undefined)).to.deep.equal([]);
  return new Set(
    diagnostics
      .filter(({ code }) => code === 'eslint(no-restricted-imports)')
      .map(({ filename, labels }) => `${filename}:${labels[0]?.span.line}`),
  );
}

async function packageJson(): Promise<{ dependencies: Record<string, string> }> {
  const schema = z.object({ dependencies: z.record(z.string(), z.string()) });
  return schema.parse(await json('package.json'));
}

async function json(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}
