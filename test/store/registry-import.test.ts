import { expect } from 'chai';
import { ANONYMOUS, OPERATOR } from '../../src/access/actor.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { createNamespace } from '../../src/services/namespaces.js';
import { createProject, type ProjectDeps } from '../../src/services/projects.js';
import { importPart, importRegistry } from '../../src/services/registry-import.js';
import {
  outlookOf,
  planImport,
  planPart,
  type ImportPart,
  type RegistryImport,
} from '../../src/services/registry-import-plan.js';
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

  it('comes part by part to the same as at once', async () => {
    await project('a/b/c');
    await createNamespace(deps, OPERATOR, 'n/m');
    const held = ['a/b', 'n/m', 'n/m/o/p', 'p', 's', 's/t', 's/t/u', 's/t-a/b', 's/t/v/w'];
    await endWalk(deps.store, [...held, 'x/y/z', 'x/y/z/a/b/c']);
    const whole = await planImport(deps, OPERATOR, 3);
    const parts: ImportPart[] = [];
    let after: string | null = null;
    do {
      const request = { depth: 3, after, limit: 2 };
      const planned = await planPart(deps, OPERATOR, request);
      const part: ImportPart = await importPart(deps, OPERATOR, request);
      expect(part).to.deep.equal(planned);
      parts.push(part);
      after = part.next;
    } while (after !== null);

    const paths = parts.flatMap(({ projects }) => projects.map(({ path }) => path));
    const left = new Map(
      parts.flatMap(({ unowned }) => unowned.map((each) => [each.name, each] as const)),
    );
    expect(parts.length).to.be.greaterThan(3);
    expect(paths).to.have.members(whole.projects.map(({ path }) => path));
    expect([...left.values()]).to.have.deep.members([...whole.unowned]);
    expect(parts.flatMap(({ namespaces }) => namespaces)).to.have.members([...whole.namespaces]);
  });

  it('tells of some names alone what would become of them', async () => {
    await endWalk(deps.store, ['a/b', 'a/b/c', 'postgres', 'x/y']);

    const outlook = await outlookOf(deps, OPERATOR, ['a/b/c', 'postgres']);

    expect(outlook.get('a/b/c')).to.equal('a/b');
    expect(outlook.get('postgres')).to.include({ reason: 'one_component' });
  });

  it('is for administrators', async () => {
    await endWalk(deps.store, ['a/b']);

    for (const refused of [
      planImport(deps, ANONYMOUS, 2),
      importRegistry(deps, ANONYMOUS, 2),
      planPart(deps, ANONYMOUS, { depth: 2, after: null, limit: 10 }),
      importPart(deps, ANONYMOUS, { depth: 2, after: null, limit: 10 }),
      outlookOf(deps, ANONYMOUS, ['a/b']),
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
