import { expect } from 'chai';
import { ANONYMOUS, OPERATOR } from '../../src/access/actor.js';
import type { Project } from '../../src/access/project.js';
import { imageTags, type ImageSource } from '../../src/services/image-tags.js';
import { imageOf, imagesOf, type ProjectImage } from '../../src/services/project-images.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { sqliteSettings } from '../support/database.js';
import { endWalk } from '../support/registry-inventory.js';

const FIRST_PAGE = { limit: 2, start: { after: null }, total: false } as const;
const PATIENCE_MS = 20;

/** What a registry holds: the tags of each repository, and when some of them were built. */
type Holds = Readonly<Record<string, Readonly<Record<string, string | null>>>>;

function sourceOf(holds: Holds): ImageSource & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async tags(repository) {
      asked.push(repository);
      const tags = holds[repository];
      return await Promise.resolve(tags === undefined ? null : Object.keys(tags));
    },
    async createdAt(repository, tag) {
      const created = holds[repository]?.[tag] ?? null;
      return await Promise.resolve(created === null ? null : new Date(created));
    },
  };
}

function told(images: readonly ProjectImage[]): readonly string[] {
  return images.map(
    ({ repository, tags }) =>
      `${repository} ${tags?.tags.map(({ name }) => name).join() ?? 'unreadable'}`,
  );
}

async function away(): Promise<never> {
  return await Promise.reject(new Error('away'));
}

describe('the images of a project', () => {
  let store: Store;
  let project: Project;

  beforeEach(async () => {
    ({ store } = await openCurrentStore(sqliteSettings(':memory:'), { migrate: true }));
    project = await store.projects.add({
      path: 'Tanuki/App',
      visibility: 'private',
      createdAt: new Date(),
    });
    await store.projects.addImagePrefix(project.id, 'postgres');
    await endWalk(store, ['postgres', 'tanuki/app/a', 'tanuki/app/b', 'tanuki/app-evil', 'x/y']);
  });

  afterEach(async () => {
    await store.close();
  });

  it('come page by page, those of its path at once, and none of another project', async () => {
    const source = sourceOf({
      'tanuki/app': { '1': null },
      postgres: { '16': null },
      'tanuki/app/a': {},
      'tanuki/app/b': { '2': null },
    });
    const deps = { store, imageTags: imageTags(source) };

    const first = await imagesOf(deps, OPERATOR, project, FIRST_PAGE);
    const start = { after: first.next };
    const second = await imagesOf(deps, OPERATOR, project, { ...FIRST_PAGE, start });

    expect(told(first.items)).to.deep.equal(['tanuki/app 1', 'postgres 16', 'tanuki/app/a ']);
    expect(told(second.items)).to.deep.equal(['tanuki/app/b 2']);
    expect(second.next).to.equal(null);
  });

  it('have the newest tag first as far as that is known, then the highest version', async () => {
    const tags = {
      '1.9': null,
      '1.10': null,
      old: '2025-01-01T00:00:00Z',
      new: '2026-01-01T00:00:00Z',
      latest: null,
    };
    const deps = { store, imageTags: imageTags(sourceOf({ postgres: tags })) };

    const { items } = await imagesOf(deps, OPERATOR, project, FIRST_PAGE);

    expect(told(items)).to.deep.equal(['postgres new,old,latest,1.10,1.9']);
  });

  it('have no tags for their signatures', async () => {
    const signature = `sha256-${'0a'.repeat(32)}`;
    const tags = { '1': null, [`${signature}.sig`]: null, [signature]: null, 'sha256-mine': null };
    const deps = { store, imageTags: imageTags(sourceOf({ postgres: tags })) };

    const { items } = await imagesOf(deps, OPERATOR, project, FIRST_PAGE);

    expect(told(items)).to.deep.equal(['postgres sha256-mine,1']);
  });

  it('are found one by one, where the project owns them and the registry has them', async () => {
    const source = sourceOf({ postgres: { '16': null }, 'tanuki/app-evil': { '1': null } });
    const deps = { store, imageTags: imageTags(source) };
    const names = ['postgres', 'tanuki/app', 'tanuki/app-evil', 'tanuki/app/made-up', 'x/y', '..'];

    const found = await Promise.all(
      names.map(async (name) => await imageOf(deps, OPERATOR, project, name)),
    );

    expect(told(found.filter((image) => image !== null))).to.deep.equal(['postgres 16']);
    expect(source.asked).to.deep.equal(['postgres', 'tanuki/app']);
  });

  it('have a hundred tags listed, and the others counted', async () => {
    const many = Array.from({ length: 250 }, (_, index) => [`v${index}`, null] as const);
    const source = sourceOf({ postgres: Object.fromEntries(many) });

    const read = await imageTags(source).read(['postgres']);

    const list = read.get('postgres');
    expect(list).to.have.property('more', 150);
    expect(list).to.have.property('tags').with.lengthOf(100);
  });

  it('are asked for once a minute, by however many at once', async () => {
    const source = sourceOf({ postgres: { '16': null } });
    const tags = imageTags(source);

    await Promise.all([tags.read(['postgres']), tags.read(['postgres'])]);
    await tags.read(['postgres']);

    expect(source.asked).to.deep.equal(['postgres']);
  });

  it('are there without their tags while the registry hangs, and with them once it has answered', async () => {
    const answers: (() => void)[] = [];
    const source: ImageSource = {
      async tags() {
        await new Promise<void>((resolve) => answers.push(resolve));
        return ['1'];
      },
      createdAt: async () => await Promise.resolve(null),
    };
    const deps = { store, imageTags: imageTags(source, { patienceMs: PATIENCE_MS }) };

    const hanging = await imagesOf(deps, OPERATOR, project, FIRST_PAGE);
    answers.forEach((answer) => answer());
    const answered = await imagesOf(deps, OPERATOR, project, FIRST_PAGE);

    expect(told(hanging.items)).to.deep.equal(['postgres unreadable', 'tanuki/app/a unreadable']);
    expect(told(answered.items)).to.deep.equal(['tanuki/app 1', 'postgres 1', 'tanuki/app/a 1']);
  });

  it('are there without their tags when the registry is away', async () => {
    const deps = { store, imageTags: imageTags({ tags: away, createdAt: away }) };

    const { items, isWhole } = await imagesOf(deps, OPERATOR, project, FIRST_PAGE);

    expect(told(items)).to.deep.equal(['postgres unreadable', 'tanuki/app/a unreadable']);
    expect(isWhole).to.equal(false);
  });

  it('are for those who may pull them', async () => {
    const source = sourceOf({ postgres: { '16': null } });
    const deps = { store, imageTags: imageTags(source) };

    const refused = imagesOf(deps, ANONYMOUS, project, FIRST_PAGE);

    expect(await refused.then(() => 'told', String)).to.include('You may not pull the images');
    expect(source.asked).to.deep.equal([]);
  });
});
