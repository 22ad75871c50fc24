import { expect } from 'chai';
import { holdsUnowned } from '../../src/services/registry-owners.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { sqliteSettings } from '../support/database.js';
import { endWalk } from '../support/registry-inventory.js';

const MANY = 2000;

describe('what the registry holds of a name and nobody owns', () => {
  let store: Store;
  let pages: number;

  beforeEach(async () => {
    ({ store } = await openCurrentStore(sqliteSettings(':memory:'), { migrate: true }));
    pages = 0;
    for (const path of ['mallory/app', 'mallory/app-two', 'mallory/shop']) {
      await store.projects.add({ path, visibility: 'private', createdAt: new Date() });
    }
  });

  afterEach(async () => {
    await store.close();
  });

  async function isUnowned(...others: readonly string[]): Promise<boolean> {
    const pushed = Array.from({ length: MANY }, (_, number) => `mallory/app/image-${number}`);
    await endWalk(store, ['mallory/app', ...pushed, 'mallory/app-two', ...others]);
    const { registryInventory } = store;
    return await holdsUnowned(
      {
        projects: store.projects,
        registryInventory: {
          ...registryInventory,
          async page(filter, request) {
            pages += 1;
            return await registryInventory.page(filter, request);
          },
        },
      },
      'mallory',
    );
  }

  // Whoever makes a project is asked this inside the transaction, while all others wait to write: an account
  // that had pushed a hundred thousand repositories to a project of its own kept everybody waiting for
  // seconds, as often as it asked for a project.
  it('is found without reading all that is owned there', async () => {
    expect(await isUnowned('mallory/shop/web')).to.equal(false);
    expect(pages).to.be.below(6);
  });

  for (const name of ['mallory/app-evil', 'mallory/app.evil/x', 'mallory/apq', 'mallory/zoo']) {
    it(`is found before, between and behind it: ${name}`, async () => {
      expect(await isUnowned(name)).to.equal(true);
    });
  }
});
