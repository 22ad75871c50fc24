import { expect } from 'chai';
import { ANONYMOUS, OPERATOR } from '../../src/access/actor.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { createNamespace } from '../../src/services/namespaces.js';
import { createProject, type ProjectDeps } from '../../src/services/projects.js';
import {
  importRegistry,
  planImport,
  type RegistryImport,
} from '../../src/services/registry-import.js';
import { unownedRepositories } from '../../src/services/registry-inventory.js';
import { openCurrentStore } from '../../src/store/open-store.js';
import { sqliteSettings } from '../support/database.js';
import { endWalk } from '../support/registry-inventory.js';
import { noRepositories } from '../support/no-repositories.js';

/** `path: what it owns`, and `name: why it is left`. */
function told({ namespaces, projects, unowned }: RegistryImport): readonly string[] {
  return [
    ...namespaces.map((path) => `${path}/`),
    ...projects.map(({ path, repositories }) => `${path}: ${repositories.join()}`),
    ...unowned.map(({ name, reason }) => `${name}: ${reason}`),
  ];
}

describe('an import of what the registry holds', () => {
  let deps: ProjectDeps;

  beforeEach(async () => {
    const { store } = await openCurrentStore(sqliteSettings(':memory:'), { migrate: true });
    deps = { store, repositories: noRepositories, now: () => new Date(), quotas: NO_QUOTAS };
  });

  afterEach(async () => {
    await deps.store.close();
  });

  async function project(path: string): Promise<number> {
    return (await createProject(deps, OPERATOR, { path, visibility: 'private' })).id;
  }

  for (const [depth, expected] of [
    [2, ['a/', 'b/', 'a/x: a/x,a/x/y/z', 'b/c: b/c/d,b/c/e,b/c/d/f']],
    [3, ['a/', 'b/', 'b/c/', 'a/x: a/x,a/x/y/z', 'b/c/d: b/c/d,b/c/d/f', 'b/c/e: b/c/e']],
  ] as const) {
    it(`makes paths of ${depth} components, and never one below another`, async () => {
      await endWalk(deps.store, ['a/x', 'a/x/y/z', 'b/c/d', 'b/c/d/f', 'b/c/e']);

      expect(told(await planImport(deps, OPERATOR, depth))).to.deep.equal(expected);
    });
  }

  it('goes deeper where a namespace is, and leaves what overlaps', async () => {
    await project('a/b/c');
    await createNamespace(deps, OPERATOR, 'n/m');
    await deps.store.projects.addImagePrefix(await project('p/q'), 'x/y/z');
    await endWalk(deps.store, ['a/b', 'a/b/c/own', 'a/b/d/e', 'n/m', 'n/m/o/p', 'x/y/w', 'x/y/z']);

    expect(told(await planImport(deps, OPERATOR, 2))).to.deep.equal([
      'a/b/d: a/b/d/e',
      'n/m/o: n/m/o/p',
      'a/b: overlapping',
      'n/m: overlapping',
      'x/y/w: overlapping',
    ]);
  });

  it('leaves what somebody takes while it runs, and makes it or not the next time', async () => {
    await endWalk(deps.store, ['a/b', 'c/d/e', 'f/g']);
    const taken: Promise<number>[] = [];

    const done = await importRegistry(deps, OPERATOR, 2, ({ path }) => {
      if (path === 'a/b') {
        taken.push(project('c/d/e'));
      }
    });
    await Promise.all(taken);
    const again = await importRegistry(deps, OPERATOR, 2);

    expect(told(done)).to.deep.equal([
      'a/',
      'f/',
      'a/b: a/b',
      'f/g: f/g',
      'c/d/e: taken_meanwhile',
    ]);
    expect(told(again)).to.deep.equal([]);
  });

  it('is for administrators', async () => {
    await endWalk(deps.store, ['a/b']);

    for (const refused of [
      planImport(deps, ANONYMOUS, 2),
      importRegistry(deps, ANONYMOUS, 2),
      unownedRepositories(deps, ANONYMOUS, { limit: 10, start: { after: null } }),
    ]) {
      expect(await refused.then(() => 'done', String)).to.include('Only administrators may');
    }
    expect(await deps.store.projects.findByPath('a/b')).to.equal(null);
  });

  it('reads the unowned page by page, past any number that somebody owns', async () => {
    const owned = Array.from({ length: 2500 }, (_, index) => `m/own/i${index}`);
    await project('m/own');
    await endWalk(deps.store, ['a/a', 'b/b', ...owned, 'y/y', 'z/z']);
    const pages: string[][] = [];
    let after: string | null = null;
    do {
      const page = await unownedRepositories(deps, OPERATOR, { limit: 3, start: { after } });
      pages.push(page.items.map(({ name }) => name));
      after = page.next;
    } while (after !== null);

    expect(pages).to.deep.equal([['a/a', 'b/b', 'y/y'], ['z/z']]);
  });
});
