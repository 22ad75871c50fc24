import { expect } from 'chai';
import type { Place } from '../../src/access/namespace.js';
import type { Role } from '../../src/access/role.js';
import type { User } from '../../src/access/user.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { LONG_AGO } from '../support/build.js';
import type { TestedDatabase } from './store-suite.js';

/** Who has which role where. Whether that is a companion of the first depends on the two places. */
const PEOPLE = {
  'ada, of a project and a namespace': ['a/b/app', 'x/y'],
  'of the same project': ['a/b/app'],
  'of a namespace right above the project': ['a/b'],
  'of one further above': ['a'],
  'of a project beside it': ['a/b/other'],
  'of a namespace beside it': ['a/c'],
  'of the same namespace': ['x/y'],
  'of a namespace below it': ['x/y/z'],
  'of a project below it': ['x/y/z/app'],
  'of the namespace above it': ['x'],
  'of a namespace whose name begins alike': ['x/y-evil'],
  'of a project whose namespace begins alike': ['x/y-evil/app'],
  'of nothing': [],
} as const;

const COMPANIONS = [
  'of the same project',
  'of a namespace right above the project',
  'of one further above',
  'of the same namespace',
  'of a namespace below it',
  'of a project below it',
  'of the namespace above it',
];

export function describeCompanions({ name, create }: TestedDatabase): void {
  describe(`who shares a place with somebody, on ${name}`, () => {
    let store: Store;
    let ada: User;
    const people = new Map<string, User>();

    before(async () => {
      ({ store } = await openCurrentStore(await create(), { migrate: true }));
      await store.write(async (stores) => {
        const places = new Map<string, Place>();
        for (const [index, [who, paths]] of Object.entries(PEOPLE).entries()) {
          const user = await stores.users.add({
            username: `user-${String(index).padStart(2, '0')}`,
            displayName: who,
            passwordHash: null,
            isAdmin: false,
            createdAt: LONG_AGO,
          });
          people.set(who, user);
          for (const path of paths) {
            const created = { path, createdAt: LONG_AGO };
            const place =
              places.get(path) ??
              (path.endsWith('/app') || path.endsWith('/other')
                ? await stores.projects.add({ ...created, visibility: 'private' })
                : await stores.namespaces.add({ ...created, userId: null }));
            places.set(path, place);
            const role: Role = 'guest';
            await stores.members.set(place, user.id, role);
          }
        }
      });
      ada = userOf('ada, of a project and a namespace');
    });

    after(async () => {
      await store.close();
    });

    function userOf(who: string): User {
      const user = people.get(who);
      if (user === null || user === undefined) {
        throw new Error(`nobody is ${who}`);
      }
      return user;
    }

    async function companionsOf(user: User): Promise<Parameters<Store['companions']['list']>[0]> {
      const { namespaces } = await store.members.rolesOf(user.id);
      return { userId: user.id, namespaces: [...namespaces.keys()] };
    }

    async function listed(user: User, atMost = 100): Promise<string[]> {
      const found = await store.companions.list(await companionsOf(user), atMost);
      return found.map(({ displayName }) => displayName);
    }

    it('lists them by username, at most so many', async () => {
      expect(await listed(ada)).to.deep.equal(COMPANIONS);
      expect(await listed(ada, 2)).to.deep.equal(COMPANIONS.slice(0, 2));
      expect(await listed(userOf('of nothing'))).to.deep.equal([]);
    });

    it('is mutual, and tells each of them from everybody else', async () => {
      for (const [who, user] of people) {
        const expected = COMPANIONS.includes(who);
        const companions = await companionsOf(user);
        expect(await store.companions.has(await companionsOf(ada), user.id), who).to.equal(
          expected,
        );
        expect(await store.companions.has(companions, ada.id), who).to.equal(expected);
      }
    });

    it('lists nobody who is blocked or removed', async () => {
      const [first = '', second = ''] = COMPANIONS;
      await store.write(async ({ users }) => {
        await users.setBlockedAt(userOf(first).id, LONG_AGO);
        await users.remove(userOf(second).id, LONG_AGO, 'keep');
      });

      expect(await listed(ada)).to.deep.equal(COMPANIONS.slice(2));
    });
  });
}
