import { expect } from 'chai';
import { EntitySchema } from 'typeorm';
import type { AuditEvent, NewAuditEvent } from '../../src/access/audit-event.js';
import { deployTokenStatus, type DeployTokenUse } from '../../src/access/deploy-token.js';
import { EVERYWHERE, type Namespace } from '../../src/access/namespace.js';
import type { Project } from '../../src/access/project.js';
import { NO_ROLES } from '../../src/access/role.js';
import { isSessionAlive, type Session } from '../../src/access/session.js';
import type { User } from '../../src/access/user.js';
import type { Database } from '../../src/store/database.js';
import { openDatabase, type DatabaseSettings } from '../../src/store/databases.js';
import { openCurrentStore, type Store, type Stores } from '../../src/store/open-store.js';
import type { AuditFilter } from '../../src/store/audit-store.js';
import type { NewAccessToken } from '../../src/store/access-token-store.js';
import type { NewDeployToken } from '../../src/store/deploy-token-store.js';
import type { NamespaceFilter } from '../../src/store/namespace-store.js';
import type { NewProject } from '../../src/store/project-store.js';
import type { NewSession } from '../../src/store/session-store.js';
import { TABLES, Users } from '../../src/store/tables.js';
import type { NewUser } from '../../src/store/user-store.js';
import {
  ANY_EVENT,
  auditEventsOf,
  deployTokensOf,
  membersOf,
  pagesOf,
  projectsIn,
  usersIn,
} from '../support/rows.js';
import { lookUpDeployToken, lookUpProjects } from '../support/lookups.js';

export interface TestedDatabase {
  readonly name: string;
  /** An empty database, each time another one. */
  readonly create: () => Promise<DatabaseSettings>;
}

// Odd milliseconds, on days on which a time zone would show: dates must come back exactly.
const CREATED = new Date('2025-03-30T01:59:59.001Z');
const LATER = new Date('2026-12-31T23:59:59.999Z');
const MUCH_LATER = new Date('2030-02-28T00:00:00.000Z');
const IDLE_MINUTES = 60;
const BEFORE_1970 = new Date(-1);

/** What every database must do alike. */
const NO_NAMESPACE_FILTER = {
  sight: { kind: 'all' },
  text: '',
  parent: EVERYWHERE,
  under: null,
  among: null,
  personal: 'too',
  firstOf: null,
} as const;

export function describeStore(database: TestedDatabase): void {
  const { name, create } = database;

  describe(`store on ${name}`, () => {
    let store: Store;

    beforeEach(async () => {
      ({ store } = await openCurrentStore(await create(), { migrate: true }));
    });

    afterEach(async () => {
      await store.close();
    });

    describe('schema', () => {
      it('has migrations that say the same as the tables', async () => {
        const missing = await differences(database, TABLES);

        expect(missing).to.deep.equal([]);
      });

      it('would notice a column that no migration makes', async () => {
        const columns = { ...Users.options.columns, forgotten: { type: 'integer' } } as const;
        const usersAndMore = new EntitySchema({ name: 'users', columns });

        const missing = await differences(database, [
          ...TABLES.filter((table) => table !== Users),
          usersAndMore,
        ]);

        expect(missing.join('\n')).to.match(/forgotten/);
      });

      it('would notice a table that no migration makes', async () => {
        const forgotten = new EntitySchema({
          name: 'forgotten',
          columns: { id: { type: 'integer', primary: true } },
        });

        const missing = await differences(database, [...TABLES, forgotten]);

        expect(missing.join('\n')).to.match(/forgotten/);
      });

      it('needs no migration once migrated, and migrating again does nothing', async () => {
        const needed = await store.needsMigration();
        const run = await store.migrate();

        expect(needed).to.equal(false);
        expect(run).to.deep.equal([]);
      });

      it('can be taken back, and made again', async () => {
        const { db, close } = await migrated(database, TABLES);

        await db.undoLastMigration();
        const run = await db.runMigrations();

        expect(run).to.have.lengthOf(1);
        await close();
      });
    });

    it('answers a ping', async () => {
      await store.ping();
    });

    describe('users', () => {
      it('come back as they were added', async () => {
        const added = await store.users.add(aNewUser({ username: 'Ada', isAdmin: true }));

        const { id, ...rest } = added;
        expect(id).to.be.a('number').and.at.least(1);
        expect(rest).to.deep.equal({
          username: 'Ada',
          displayName: 'Ada Lovelace',
          isAdmin: true,
          blockedAt: null,
          createdAt: CREATED,
        });
        expect(await store.users.findById(id)).to.deep.equal(added);
        expect(await store.users.findByUsername('Ada')).to.deep.equal(added);
      });

      it('keep a name of any letters', async () => {
        const displayName = 'Żółć 👩‍💻 \'"; DROP TABLE users; --';

        const { id } = await store.users.add(aNewUser({ displayName }));

        expect((await store.users.findById(id))?.displayName).to.equal(displayName);
      });

      it('are found by their username in any case', async () => {
        const added = await store.users.add(aNewUser({ username: 'Ada' }));

        const found = await store.users.findByUsername('aDA');

        expect(found).to.deep.equal(added);
      });

      it('are found by nothing that only resembles their username', async () => {
        await store.users.add(aNewUser({ username: 'ada' }));

        const found = await Promise.all(
          ['ad', 'adaa', 'ad_', 'ad%', '%', 'ada ', ' ada', 'adà', ''].map(
            async (username) => await store.users.findByUsername(username),
          ),
        );

        expect(found.filter((user) => user !== null)).to.deep.equal([]);
      });

      it('cannot have usernames that differ by case alone', async () => {
        await store.users.add(aNewUser({ username: 'ada' }));

        const error = await failureOf(store.users.add(aNewUser({ username: 'ADA' })));

        expect(error).to.match(/unique|duplicate/i);
      });

      it('show their password hash only when asked for it', async () => {
        const { id } = await store.users.add(aNewUser({ username: 'ada', passwordHash: '$argon' }));

        expect(await store.users.findPasswordHash('ADA')).to.equal('$argon');
        expect(JSON.stringify(await store.users.findById(id))).not.to.contain('argon');
      });

      it('have no password hash where they have no password, or do not exist', async () => {
        await store.users.add(aNewUser({ username: 'ada', passwordHash: null }));

        expect(await store.users.findPasswordHash('ada')).to.equal(null);
        expect(await store.users.findPasswordHash('bob')).to.equal(null);
      });

      it('get another password without a trace of the one before', async () => {
        const { id } = await store.users.add(aNewUser({ username: 'ada' }));
        const other = await store.users.add(aNewUser({ username: 'bob', passwordHash: 'bobs' }));

        await store.users.setPasswordHash(id, 'new');

        expect(await store.users.findPasswordHash('ada')).to.equal('new');
        expect(await store.users.findPasswordHash(other.username)).to.equal('bobs');
      });

      it('are blocked from a moment on, and unblocked', async () => {
        const { id } = await store.users.add(aNewUser());

        await store.users.setBlockedAt(id, LATER);
        const blocked = await store.users.findById(id);
        await store.users.setBlockedAt(id, null);
        const unblocked = await store.users.findById(id);

        expect(blocked?.blockedAt).to.deep.equal(LATER);
        expect(unblocked?.blockedAt).to.equal(null);
      });

      it('are listed in the order in which they came', async () => {
        const added = [
          await store.users.add(aNewUser({ username: 'zoe' })),
          await store.users.add(aNewUser({ username: 'ada' })),
        ];

        expect(await usersIn(store)).to.deep.equal(added);
      });

      it('that do not exist are null', async () => {
        expect(await store.users.findById(1)).to.equal(null);
      });
    });

    describe('administrators', () => {
      it('are others only who are one, and not blocked', async () => {
        const first = await store.users.add(aNewUser({ username: 'first', isAdmin: true }));
        const second = await store.users.add(aNewUser({ username: 'second' }));
        async function isAlone(): Promise<boolean> {
          return !(await store.users.hasOtherAdministrator(first.id));
        }

        const found = [await isAlone()];
        await store.users.setAdmin(second.id, true);
        found.push(await isAlone());
        await store.users.setBlockedAt(second.id, LATER);
        found.push(await isAlone());

        expect(found).to.deep.equal([true, false, true]);
        expect((await store.users.findById(second.id))?.isAdmin).to.equal(true);
      });
    });

    describe('projects', () => {
      it('come back as they were added', async () => {
        const added = await store.projects.add(aNewProject({ path: 'Tanuki/App' }));

        const { id, ...rest } = added;
        expect(rest).to.deep.equal({
          kind: 'project',
          path: 'Tanuki/App',
          visibility: 'private',
          archivedAt: null,
          createdAt: CREATED,
        });
        expect(await store.projects.findById(id)).to.deep.equal(added);
        expect(await store.projects.findByPath('tANUKI/aPP')).to.deep.equal(added);
      });

      it('keep every moment exactly, before 1970 too', async () => {
        const added = await store.projects.add(aNewProject({ createdAt: BEFORE_1970 }));
        await store.projects.setArchivedAt(added.id, MUCH_LATER);

        const found = await store.projects.findById(added.id);

        expect(found?.createdAt).to.deep.equal(BEFORE_1970);
        expect(found?.archivedAt).to.deep.equal(MUCH_LATER);
      });

      it('cannot have paths that differ by case alone', async () => {
        await store.projects.add(aNewProject({ path: 'tanuki/app' }));

        const error = await failureOf(store.projects.add(aNewProject({ path: 'TANUKI/app' })));

        expect(error).to.match(/unique|duplicate/i);
      });

      it('are found by their namespaces, and by no other', async () => {
        const app = await store.projects.add(aNewProject({ path: 'Tanuki/App' }));
        const api = await store.projects.add(aNewProject({ path: 'tanuki/api' }));
        await store.projects.add(aNewProject({ path: 'tanuki/app-evil' }));

        const found = await lookUpProjects(store, [
          'tanuki/app',
          'tanuki/api',
          'tanuki/%',
          'tanuki/ap_',
          'tanuki',
        ]);

        expect(sortedById(found)).to.deep.equal([app, api]);
        expect(await lookUpProjects(store, [])).to.deep.equal([]);
      });

      it('are found among thousands of namespaces at once', async () => {
        const app = await store.projects.add(aNewProject({ path: 'tanuki/app' }));
        const others = Array.from({ length: 4000 }, (_, i) => `other/app-${i}`);

        const found = await lookUpProjects(store, [...others, 'tanuki/app']);

        expect(found).to.deep.equal([app]);
      });

      it('change their visibility, and those of nobody else', async () => {
        const { id } = await store.projects.add(aNewProject({ path: 'a/b' }));
        const other = await store.projects.add(aNewProject({ path: 'a/c' }));

        await store.projects.setVisibility(id, 'public');

        expect((await store.projects.findById(id))?.visibility).to.equal('public');
        expect(await store.projects.findById(other.id)).to.deep.equal(other);
      });

      it('are archived from a moment on, and taken back', async () => {
        const { id } = await store.projects.add(aNewProject());

        await store.projects.setArchivedAt(id, LATER);
        const archived = await store.projects.findById(id);
        await store.projects.setArchivedAt(id, null);
        const active = await store.projects.findById(id);

        expect(archived?.archivedAt).to.deep.equal(LATER);
        expect(active?.archivedAt).to.equal(null);
      });

      it('are listed by path, without those removed', async () => {
        const paths = ['b/z', 'B/a', 'a/x'];
        for (const path of paths) {
          await store.projects.add(aNewProject({ path }));
        }
        await store.projects.remove(await store.projects.add(aNewProject({ path: 'a/y' })), LATER);

        const listed = await projectsIn(store);

        expect(listed.map(({ path }) => path)).to.deep.equal(['a/x', 'B/a', 'b/z']);
      });

      it('are found no more once they are removed', async () => {
        const project = await store.projects.add(aNewProject({ path: 'tanuki/app' }));

        await store.projects.remove(project, LATER);

        expect(await store.projects.findById(project.id)).to.equal(null);
        expect(await store.projects.findByPath('tanuki/app')).to.equal(null);
        expect(await lookUpProjects(store, ['tanuki/app'])).to.deep.equal([]);
      });

      it('never get the id of one before them, which deploy tokens and folders are named by', async () => {
        const first = await store.projects.add(aNewProject({ path: 'a/b' }));
        await store.projects.remove(first, LATER);
        await store.projects.freePath('a/b');

        const second = await store.projects.add(aNewProject({ path: 'a/b' }));

        expect(second.id).to.be.above(first.id);
      });
    });

    describe('path in the way', () => {
      const rows: readonly (readonly [what: string, path: string, inTheWay: string | null])[] = [
        ['the same', 'tanuki/my_app', 'tanuki/my_app'],
        ['the same in other letters', 'Tanuki/My_App', 'tanuki/my_app'],
        ['one under it', 'tanuki/my_app/api', 'tanuki/my_app'],
        ['one far under it', 'tanuki/my_app/a/b/c', 'tanuki/my_app'],
        ['one above it', 'tanuki', 'tanuki/my_app'],
        ['one beside it', 'tanuki/other', null],
        ['one that only starts like it', 'tanuki/my_app-evil', null],
        ['one that it only starts like', 'tanuki/my', null],
        ['one with another letter for its underscore', 'tanuki/myxapp', null],
        ['one under such a one', 'tanuki/myxapp/api', null],
      ];
      for (const [what, path, inTheWay] of rows) {
        it(`of ${what} is ${inTheWay ?? 'none'}`, async () => {
          await store.projects.add(aNewProject({ path: 'Tanuki/My_App' }));

          expect(await store.projects.findPrefixInTheWay(path)).to.equal(inTheWay);
        });
      }

      it('is told to lie deeper than so many components, or not', async () => {
        await store.projects.add({ path: 'a/b/c/d', visibility: 'private', createdAt: CREATED });

        expect(await store.projects.hasDeeperThan(3)).to.equal(true);
        expect(await store.projects.hasDeeperThan(4)).to.equal(false);
      });

      it('is none where an underscore of the new path would match another letter', async () => {
        // `_` is LIKE's wildcard: without another look, tanuki/a_b would lie above tanuki/axb/c.
        await store.projects.add(aNewProject({ path: 'tanuki/axb/c' }));

        expect(await store.projects.findPrefixInTheWay('tanuki/a_b')).to.equal(null);
      });

      it('is found behind others that only match the wildcard', async () => {
        await store.projects.add(aNewProject({ path: 'tanuki/axb/c' }));
        await store.projects.add(aNewProject({ path: 'tanuki/a_b/c' }));

        expect(await store.projects.findPrefixInTheWay('tanuki/a_b')).to.equal('tanuki/a_b/c');
      });

      it('is that of a removed project until it is freed', async () => {
        const project = await store.projects.add(aNewProject({ path: 'Tanuki/My_App' }));
        await store.projects.remove(project, LATER);

        const reserved = await store.projects.findPrefixInTheWay('tanuki/my_app/api');
        const wasReserved = await store.projects.freePath('tanuki/MY_app');
        const freed = await store.projects.findPrefixInTheWay('tanuki/my_app/api');

        expect(reserved).to.equal('tanuki/my_app');
        expect(wasReserved).to.equal(true);
        expect(freed).to.equal(null);
      });

      it('cannot be freed twice, nor while a project stands on it', async () => {
        const project = await store.projects.add(aNewProject({ path: 'a/b' }));

        const whileInUse = await store.projects.freePath('a/b');
        await store.projects.remove(project, LATER);
        await store.projects.freePath('a/b');
        const again = await store.projects.freePath('a/b');

        expect(whileInUse).to.equal(false);
        expect(again).to.equal(false);
      });

      it('can be reserved, freed and reserved again', async () => {
        for (const _ of ['first', 'second']) {
          const project = await store.projects.add(aNewProject({ path: 'a/b' }));
          await store.projects.remove(project, LATER);
          expect(await store.projects.findPrefixInTheWay('a/b')).to.equal('a/b');
          expect(await store.projects.freePath('a/b')).to.equal(true);
        }
      });
    });

    describe('members', () => {
      let project: Project;
      let user: User;

      beforeEach(async () => {
        project = await store.projects.add(aNewProject({ path: 'a/b' }));
        user = await store.users.add(aNewUser({ username: 'Ada' }));
      });

      it('are listed with their accounts and roles, in the order in which the users came', async () => {
        const second = await store.users.add(aNewUser({ username: 'bob' }));
        await store.members.set(project, second.id, 'guest');
        await store.members.set(project, user.id, 'owner');

        const listed = await membersOf(store, project.id);

        expect(listed).to.deep.equal([
          { user, role: 'owner' },
          { user: second, role: 'guest' },
        ]);
      });

      it('that are set twice have the second role, once', async () => {
        await store.members.set(project, user.id, 'developer');
        await store.members.set(project, user.id, 'reporter');

        const listed = await membersOf(store, project.id);

        expect(listed.map(({ role }) => role)).to.deep.equal(['reporter']);
      });

      it('can be set to the role that they have', async () => {
        await store.members.set(project, user.id, 'developer');
        await store.members.set(project, user.id, 'developer');

        expect(await store.members.rolesOf(user.id)).to.deep.equal({
          projects: new Map([[project.id, 'developer']]),
          namespaces: new Map(),
        });
      });

      it('are removed once', async () => {
        await store.members.set(project, user.id, 'developer');

        const first = await store.members.remove(project, user.id);
        const second = await store.members.remove(project, user.id);

        expect([first, second]).to.deep.equal([true, false]);
        expect(await membersOf(store, project.id)).to.deep.equal([]);
      });

      it('have a role for each of their projects, and for no other', async () => {
        const other = await store.projects.add(aNewProject({ path: 'a/c' }));
        const foreign = await store.projects.add(aNewProject({ path: 'a/d' }));
        const somebody = await store.users.add(aNewUser({ username: 'bob' }));
        await store.members.set(project, user.id, 'maintainer');
        await store.members.set(other, user.id, 'guest');
        await store.members.set(foreign, somebody.id, 'owner');

        const roles = await store.members.rolesOf(user.id);

        expect(roles.projects).to.deep.equal(
          new Map([
            [project.id, 'maintainer'],
            [other.id, 'guest'],
          ]),
        );
        expect(await store.members.rolesOf(999)).to.deep.equal(NO_ROLES);
      });

      it('are inherited once each, with the highest role and the first place that has it', async () => {
        const bob = await store.users.add(aNewUser({ username: 'bob', displayName: 'Bob' }));
        const eve = await store.users.add(aNewUser({ username: 'eve' }));
        await store.users.add(aNewUser({ username: 'nobody' }));
        const above = await addNamespace('a');
        const elsewhere = await addNamespace('elsewhere');
        await store.members.set(elsewhere, eve.id, 'owner');
        await store.members.set(project, user.id, 'developer');
        await store.members.set(above, user.id, 'developer');
        await store.members.set(project, bob.id, 'guest');
        await store.members.set(above, bob.id, 'owner');
        const all = { limit: 9, start: { offset: 0 }, total: true };
        const anybody = { text: '', userIds: null };

        const found = await store.members.pageAcross([project, above], anybody, all);
        const named = await store.members.pageAcross(
          [project, above],
          { text: 'BO', userIds: null },
          all,
        );
        const none = await store.members.pageAcross([above], { text: '', userIds: [] }, all);
        const second = await store.members.pageAcross([project, above], anybody, {
          ...all,
          start: { offset: 1 },
        });

        expect(found).to.deep.equal({
          items: [
            { user, role: 'developer', place: project },
            { user: bob, role: 'owner', place: above },
          ],
          next: null,
          total: 2,
        });
        expect(named.items.map((member) => member.user)).to.deep.equal([bob]);
        expect([none.total, second.items.length]).to.deep.equal([0, 1]);
      });

      it('cannot be of a project or a user that does not exist', async () => {
        expect(
          await failureOf(store.members.set({ kind: 'project', id: 999 }, user.id, 'guest')),
        ).to.match(/foreign key/i);
        expect(await failureOf(store.members.set(project, 999, 'guest'))).to.match(/foreign key/i);
      });
    });

    describe('namespaces', () => {
      const ALL = { limit: 9, start: { offset: 0 }, total: true };
      const EVERY = NO_NAMESPACE_FILTER;

      it('are named as their paths until they are given details, which are kept', async () => {
        const plain = await addNamespace('Top/Sub');
        const detailed = await store.namespaces.add({
          path: 'other',
          userId: null,
          createdAt: CREATED,
          name: 'The Other',
          description: 'of others',
          visibility: 'public',
        });
        await store.namespaces.setDetails(plain.id, {});
        await store.namespaces.setDetails(detailed.id, { description: '' });

        expect(plain).to.include({ name: 'Sub', description: '', visibility: 'private' });
        expect(await store.namespaces.findById(plain.id)).to.deep.equal(plain);
        expect(await store.namespaces.findByPath('OTHER')).to.deep.equal({
          ...detailed,
          description: '',
        });
      });

      it('are listed by path, by what lies where, and with somebody’s own first', async () => {
        const user = await store.users.add(aNewUser({ username: 'zoe' }));
        for (const path of ['b', 'b/c', 'b/c/d', 'b-evil', 'b_c']) {
          await addNamespace(path);
        }
        await addNamespace('zoe', user.id);

        async function found(filter: Partial<NamespaceFilter>): Promise<string[]> {
          const { items, total } = await store.namespaces.page({ ...EVERY, ...filter }, ALL);
          expect(total).to.equal(items.length);
          return items.map(({ path }) => path);
        }

        expect(await found({})).to.deep.equal(['b', 'b-evil', 'b/c', 'b/c/d', 'b_c', 'zoe']);
        expect(await found({ firstOf: user.id, text: 'E' })).to.deep.equal(['zoe', 'b-evil']);
        expect(await found({ personal: 'none', parent: null })).to.deep.equal([
          'b',
          'b-evil',
          'b_c',
        ]);
        expect(await found({ under: 'B' })).to.deep.equal(['b/c', 'b/c/d']);
        expect(await found({ parent: 'b' })).to.deep.equal(['b/c']);
        expect(await found({ among: ['b/c', 'zoe'] })).to.deep.equal(['b/c', 'b/c/d', 'zoe']);
        expect(await found({ among: [] })).to.deep.equal([]);
      });

      it('are in the pages of projects with the roles that hold below them', async () => {
        const { id: userId } = await store.users.add(aNewUser());
        const own = await addProject('a/own');
        await addProject('below-evil/x');
        const deep = await addProject('below/deep/x');
        await store.members.set(own, userId, 'owner');
        const order = { by: 'id', direction: 'ASC' } as const;
        const any = { text: '', visibility: null, archived: null, namespace: null } as const;
        const membership = { userId, roles: ['owner'], below: ['below', 'none'] } as const;

        const page = await store.projects.page(
          { ...any, sight: { kind: 'all' }, order, membership },
          ALL,
        );

        expect(page.items).to.deep.equal([own, deep]);
      });
    });

    describe('audit events', () => {
      it('come back as they were added, whatever became of what they tell of', async () => {
        const bare = { actorId: null, projectId: null, projectPath: null, subjectId: null };
        const origin = { door: 'cli', address: null, requestId: null } as const;
        await store.auditEvents.add(anEvent());
        await store.auditEvents.add(anEvent({ ...bare, origin }));

        const events = await auditEventsOf(store, null);

        expect(events.map(({ id: _id, ...event }) => event)).to.deep.equal([
          anEvent({ ...bare, origin }),
          anEvent(),
        ]);
      });

      it('are listed by project, the latest first, page by page', async () => {
        for (const [detail, projectId] of [
          ['one', 1],
          ['other', 2],
          ['two', 1],
          ['three', 1],
        ] as const) {
          await store.auditEvents.add(anEvent({ detail, projectId }));
        }

        const pages = await pagesOf(
          async (request) => await store.auditEvents.page({ ...ANY_EVENT, projectId: 1 }, request),
          2,
        );

        expect(pages.map(detailsOf)).to.deep.equal([['three', 'two'], ['one']]);
        expect(await eventDetails(store)).to.deep.equal(['three', 'two', 'other', 'one']);
      });

      it('are found by each of their filters, and by all together', async () => {
        const matching = { projectId: 3, actor: 'ada', subjectId: 12, at: LATER } as const;
        const added: readonly (readonly [string, Partial<NewAuditEvent>])[] = [
          ['this', {}],
          ['of another project', { projectId: 4 }],
          ['by another person', { actor: 'Ada' }],
          ['another action', { action: 'deploy_token_revoked' }],
          ['to another token', { subjectId: 13 }],
          ['to a user of that number', { action: 'member_set' }],
          ['elsewhere', { projectPath: 'tanuki-evil/app' }],
          ['too early', { at: justBefore(LATER) }],
          ['too late', { at: justAfter(LATER) }],
        ];
        for (const [detail, overrides] of added) {
          await store.auditEvents.add(anEvent({ ...matching, detail, ...overrides }));
        }
        const all: AuditFilter = {
          projectId: 3,
          below: 'Tanuki',
          actor: 'ada',
          action: 'deploy_token_created',
          subject: { kind: 'deploy_token', id: 12 },
          from: LATER,
          until: justAfter(LATER),
        };
        const { projectId, below, actor, action, subject, from, until } = all;
        const filters = [
          { projectId },
          { below },
          { actor },
          { action },
          { subject },
          { from },
          { until },
        ];
        const leftOut = await Promise.all(
          filters.map(async (filter) => {
            const found = await detailsFor(store, filter);
            return added.map(([detail]) => detail).filter((detail) => !found.includes(detail));
          }),
        );

        expect(leftOut).to.deep.equal([
          ['of another project'],
          ['elsewhere'],
          ['by another person'],
          ['another action', 'to a user of that number'],
          ['to another token', 'to a user of that number'],
          ['too early'],
          ['too late'],
        ]);
        expect(await detailsFor(store, all)).to.deep.equal(['this']);
      });

      it('are found by the operator, whoever that was, and by one of them', async () => {
        for (const actor of [
          'operator:',
          'operator:ada',
          'operator',
          'Operator:',
          'operators',
          'ada',
        ]) {
          await store.auditEvents.add(anEvent({ actor, detail: actor }));
        }

        expect(await detailsFor(store, { actor: 'operator:' })).to.have.members([
          'operator:',
          'operator:ada',
        ]);
        expect(await detailsFor(store, { actor: 'operator:ada' })).to.deep.equal(['operator:ada']);
      });

      it('are listed by their time, and those of one moment by when they came', async () => {
        for (const [detail, at] of [
          ['late', LATER],
          ['early', CREATED],
          ['late too', LATER],
        ] as const) {
          await store.auditEvents.add(anEvent({ detail, at }));
        }

        const pages = await pagesOf(
          async (request) => await store.auditEvents.page(ANY_EVENT, request),
          1,
        );

        expect(pages.map(detailsOf)).to.deep.equal([['late too'], ['late'], ['early']]);
      });

      it('are removed by age alone, the oldest first', async () => {
        for (const [detail, at] of [
          ['first', BEFORE_1970],
          ['second', CREATED],
          ['last', LATER],
        ] as const) {
          await store.auditEvents.add(anEvent({ detail, at }));
        }

        const one = await store.auditEvents.removeBefore(LATER, 1);
        const left = await eventDetails(store);
        const others = await store.auditEvents.removeBefore(LATER, 10);

        expect([one, others]).to.deep.equal([1, 1]);
        expect(left).to.deep.equal(['last', 'second']);
        expect(await eventDetails(store)).to.deep.equal(['last']);
      });
    });

    describe('uses of deploy tokens', () => {
      let deployTokenId: number;

      beforeEach(async () => {
        const project = await store.projects.add(aNewProject());
        ({ id: deployTokenId } = await addDeployToken(store, { owner: project }));
      });

      function aUse(overrides: Partial<DeployTokenUse> = {}): DeployTokenUse {
        return {
          deployTokenId,
          usedAt: LATER,
          door: 'git',
          address: '2001:db8::1',
          userAgent: 'git/2.39.5 ñ',
          repository: null,
          fault: null,
          ...overrides,
        };
      }

      it('come back as they were put, each token having its latest', async () => {
        await store.deployTokenUses.put([aUse({ usedAt: CREATED })]);
        await store.deployTokenUses.put([aUse({ repository: 'tanuki/app', fault: 'line_break' })]);

        const uses = await store.deployTokenUses.findByTokens([deployTokenId, 4711]);

        expect(uses).to.deep.equal([aUse({ repository: 'tanuki/app', fault: 'line_break' })]);
      });

      it('give way to no earlier one, such as a slower replica brings', async () => {
        await store.deployTokenUses.put([aUse()]);
        await store.deployTokenUses.put([aUse({ usedAt: CREATED, door: 'registry' })]);

        const uses = await store.deployTokenUses.findByTokens([deployTokenId]);

        expect(uses).to.deep.equal([aUse()]);
      });

      it('are kept each by its own time, of many that are put at once', async () => {
        const project = await store.projects.add(aNewProject({ path: 'tanuki/other' }));
        const { id: other } = await addDeployToken(store, { owner: project });
        const later = new Date(LATER.getTime() + 1);
        await store.deployTokenUses.put([aUse(), aUse({ deployTokenId: other })]);
        await store.deployTokenUses.put([
          aUse({ usedAt: CREATED, fault: 'line_break' }),
          aUse({ deployTokenId: other, usedAt: later, address: '192.0.2.1' }),
        ]);

        expect(await store.deployTokenUses.findByTokens([deployTokenId])).to.deep.equal([aUse()]);
        expect(await store.deployTokenUses.findByTokens([other])).to.deep.equal([
          aUse({ deployTokenId: other, usedAt: later, address: '192.0.2.1' }),
        ]);
      });
    });

    describe('days of deploy tokens', () => {
      let first: number;
      let second: number;

      beforeEach(async () => {
        const project = await store.projects.add(aNewProject());
        ({ id: first } = await addDeployToken(store, { owner: project }));
        ({ id: second } = await addDeployToken(store, { owner: project }));
      });

      async function found(since: number, ids = [first, second]): Promise<number[][]> {
        const days = await store.deployTokenDays.findByTokens(ids, since);
        return days
          .map(({ deployTokenId, day, uses }) => [deployTokenId, day, uses])
          .sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d);
      }

      it('add up by token and day, also past what an integer holds', async () => {
        await addDays(store);
        await addDays(store, [first, 20_000, 2 ** 40], [second, 20_000, 1], [first, 20_001, 7]);
        await addDays(store, [first, 20_000, 5], [second, 20_001, 2]);

        expect(await found(20_000)).to.deep.equal([
          [first, 20_000, 2 ** 40 + 5],
          [first, 20_001, 7],
          [second, 20_000, 1],
          [second, 20_001, 2],
        ]);
        expect(await found(20_001, [second])).to.deep.equal([[second, 20_001, 2]]);
      });

      it('add up when many add at once', async () => {
        await Promise.all(
          Array.from({ length: 20 }, async () => await addDays(store, [first, 20_000, 1])),
        );

        expect(await found(0)).to.deep.equal([[first, 20_000, 20]]);
      });

      it('are removed by age, the oldest first', async () => {
        const before = await store.deployTokenDays.firstDay();
        await addDays(store, [first, 3, 1], [first, 1, 1], [second, 2, 1], [second, 1, 1]);

        const three = await store.deployTokenDays.removeBefore(3, 3);
        const none = await store.deployTokenDays.removeBefore(3, 3);

        expect([before, three, none]).to.deep.equal([null, 3, 0]);
        expect(await found(0)).to.deep.equal([[first, 3, 1]]);
        expect(await store.deployTokenDays.firstDay()).to.equal(3);
      });
    });

    describe('deploy tokens', () => {
      let project: Project;
      let user: User;

      beforeEach(async () => {
        project = await store.projects.add(aNewProject());
        user = await store.users.add(aNewUser());
      });

      async function add(
        overrides: Partial<NewDeployToken> = {},
      ): ReturnType<typeof addDeployToken> {
        return await addDeployToken(store, { owner: project, ...overrides });
      }

      it('come back as they were added', async () => {
        const added = await add({
          name: 'ci 🚀',
          username: 'Robot+1',
          scopes: ['read_repository', 'read_registry'],
          expiresAt: MUCH_LATER,
          createdBy: user.id,
          secretDigest: digest(7),
        });

        const { id, ...rest } = added;
        expect(rest).to.deep.equal({
          kind: 'secret',
          owner: { kind: 'project', id: project.id },
          only: null,
          name: 'ci 🚀',
          username: 'Robot+1',
          scopes: ['read_repository', 'read_registry'],
          expiresAt: MUCH_LATER,
          createdAt: CREATED,
          createdBy: user.id,
          suspendedAt: null,
          revokedAt: null,
          revokedBy: null,
        });
        expect(await store.deployTokens.findById(id)).to.deep.equal(added);
        expect(await lookUpDeployToken(store, digest(7))).to.deep.equal(added);
      });

      it('have their id in the username where none was chosen', async () => {
        const added = await add({ username: null });

        expect(added.username).to.equal(`deploy-token-${added.id}`);
        expect(await store.deployTokens.findById(added.id)).to.deep.equal(added);
      });

      it('are found by their whole digest and by nothing like it', async () => {
        await add({ secretDigest: digest(7) });
        const others = [digest(8), digest(7).subarray(0, 31), Buffer.alloc(0), Buffer.from('%')];

        const found = await Promise.all(
          others.map(async (other) => await lookUpDeployToken(store, other)),
        );

        expect(found).to.deep.equal([null, null, null, null]);
      });

      it('cannot share a digest', async () => {
        await add({ secretDigest: digest(7) });

        const error = await failureOf(add({ secretDigest: digest(7) }));

        expect(error).to.match(/unique|duplicate/i);
      });

      it('may share their names and usernames', async () => {
        await add({ name: 'ci', username: 'robot' });
        await add({ name: 'ci', username: 'robot' });

        expect(await deployTokensOf(store, project.id)).to.have.lengthOf(2);
      });

      it('are listed by project, oldest first, the dead ones too', async () => {
        const other = await store.projects.add(aNewProject({ path: 'other/project' }));
        const first = await add({ expiresAt: new Date(0) });
        const second = await add();
        const foreign = await add({ owner: other });
        await store.deployTokens.revoke(first.id, LATER, null);

        const listed = await deployTokensOf(store, project.id);

        expect(listed.map(({ id }) => id)).to.deep.equal([first.id, second.id]);
        expect(await deployTokensOf(store, other.id)).to.deep.equal([foreign]);
      });

      it('keep the moment and the author of their revocation', async () => {
        const { id } = await add();

        await store.deployTokens.revoke(id, LATER, user.id);

        const found = await store.deployTokens.findById(id);
        expect(found?.revokedAt).to.deep.equal(LATER);
        expect(found?.revokedBy).to.equal(user.id);
      });

      it('keep the first revocation when they are revoked again', async () => {
        const { id } = await add();

        await store.deployTokens.revoke(id, LATER, user.id);
        await store.deployTokens.revoke(id, MUCH_LATER, null);
        await store.deployTokens.revokeByOwner(project, MUCH_LATER, null);

        const found = await store.deployTokens.findById(id);
        expect(found?.revokedAt).to.deep.equal(LATER);
        expect(found?.revokedBy).to.equal(user.id);
      });

      it('are revoked by themselves, not with others', async () => {
        const { id } = await add();
        const other = await add();

        await store.deployTokens.revoke(id, LATER, null);

        expect(await store.deployTokens.findById(other.id)).to.deep.equal(other);
      });

      it('are revoked with their project, and only with theirs', async () => {
        const other = await store.projects.add(aNewProject({ path: 'other/project' }));
        const mine = [await add(), await add()];
        const foreign = await add({ owner: other });

        await store.deployTokens.revokeByOwner(project, LATER, user.id);

        const found = await deployTokensOf(store, project.id);
        expect(found).to.deep.equal(
          mine.map((token) => ({ ...token, revokedAt: LATER, revokedBy: user.id })),
        );
        expect(await store.deployTokens.findById(foreign.id)).to.deep.equal(foreign);
      });

      it('are counted as active exactly while their status says so', async () => {
        const expiries = [null, BEFORE_1970, justBefore(LATER), LATER, justAfter(LATER)];
        const added = await Promise.all(
          [...expiries, ...expiries].map(async (expiresAt) => await add({ expiresAt })),
        );
        for (const { id } of added.slice(expiries.length)) {
          await store.deployTokens.revoke(id, CREATED, null);
        }

        const counts = await store.deployTokens.countActive(LATER, MUCH_LATER);

        const tokens = await deployTokensOf(store, project.id);
        const active = tokens.filter((token) => deployTokenStatus(token, LATER) === 'active');
        expect(counts.active).to.equal(active.length).and.to.equal(2);
      });

      it('are counted as expiring soon up to the instant that was named', async () => {
        const edges = [justBefore(MUCH_LATER), MUCH_LATER, justAfter(MUCH_LATER)];
        for (const expiresAt of [null, LATER, ...edges]) {
          await add({ expiresAt });
        }
        const { id } = await add({ expiresAt: MUCH_LATER });
        await store.deployTokens.revoke(id, CREATED, null);

        const counts = await store.deployTokens.countActive(LATER, MUCH_LATER);

        expect(counts).to.deep.equal({ active: 4, expiringSoon: 2 });
      });

      it('cannot belong to a project that does not exist', async () => {
        const error = await failureOf(add({ owner: { kind: 'project', id: 999 } }));

        expect(error).to.match(/foreign key/i);
      });

      it('that do not exist are null', async () => {
        expect(await store.deployTokens.findById(999)).to.equal(null);
      });
    });

    describe('personal access tokens', () => {
      it('were used last at the latest of the times that are written, in whatever order', async () => {
        const user = await store.users.add(aNewUser());
        const { id } = await store.accessTokens.add(anAccessTokenOf(user, {}));

        await store.accessTokens.setLastUsedAt(id, LATER);
        await store.accessTokens.setLastUsedAt(id, CREATED);

        expect((await store.accessTokens.findById(id))?.lastUsedAt).to.deep.equal(LATER);
      });

      it('come back as they were added', async () => {
        const user = await store.users.add(aNewUser());

        const added = await store.accessTokens.add(
          anAccessTokenOf(user, {
            scopes: ['api', 'read_registry'],
            expiresAt: MUCH_LATER,
            secretDigest: digest(7),
          }),
        );

        const { id, ...rest } = added;
        expect(id).to.be.a('number');
        expect(rest).to.deep.equal({
          userId: user.id,
          name: 'laptop',
          scopes: ['api', 'read_registry'],
          expiresAt: MUCH_LATER,
          createdAt: CREATED,
          revokedAt: null,
          lastUsedAt: null,
        });
        expect(await store.accessTokens.findByDigest(digest(7))).to.deep.equal(added);
        expect(await store.accessTokens.findByDigest(digest(8))).to.equal(null);
      });

      it('cannot share a digest', async () => {
        const user = await store.users.add(aNewUser());
        await store.accessTokens.add(anAccessTokenOf(user, { secretDigest: digest(7) }));

        const error = await failureOf(
          store.accessTokens.add(anAccessTokenOf(user, { secretDigest: digest(7) })),
        );

        expect(error).to.match(/unique|duplicate/i);
      });
    });

    describe('sessions', () => {
      let userId: number;
      let others: Session;

      beforeEach(async () => {
        userId = (await addUser('ada')).id;
        others = await add({ userId: (await addUser('bob')).id });
      });

      async function add(overrides: Partial<NewSession> = {}): Promise<Session> {
        lastDigest += 1;
        return await store.sessions.add({
          userId,
          secretDigest: digest(lastDigest),
          createdAt: CREATED,
          expiresAt: MUCH_LATER,
          client: 'Firefox',
          address: '2001:db8::1',
          ...overrides,
        });
      }

      async function living(limit = 100): Promise<(readonly Session[])[]> {
        const idleSince = new Date(LATER.getTime() - IDLE_MINUTES * 60_000);
        return await pagesOf(
          async (request) => await store.sessions.page({ userId, now: LATER, idleSince }, request),
          limit,
        );
      }

      it('are listed exactly while they are alive, the one used last first', async () => {
        const idle = new Date(LATER.getTime() - IDLE_MINUTES * 60_000);
        const added = [];
        for (const createdAt of [justAfter(idle), idle, justBefore(idle), LATER, justAfter(idle)]) {
          for (const expiresAt of [justBefore(LATER), LATER, justAfter(LATER)]) {
            added.push(await add({ createdAt, expiresAt }));
          }
        }

        const pages = await living(2);

        const alive = added.filter((session) => isSessionAlive(session, LATER, IDLE_MINUTES));
        const byLastUse = alive.toSorted(
          (a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime() || b.id - a.id,
        );
        expect(pages).to.deep.equal([byLastUse.slice(0, 2), byLastUse.slice(2)]);
        expect(byLastUse).to.have.lengthOf(3);
      });

      it('of a user are ended as they are chosen, those of nobody else', async () => {
        const [first, second, third] = [
          await add({ createdAt: LATER }),
          await add({ createdAt: LATER }),
          await add({ createdAt: LATER }),
        ];
        await store.sessions.useForm(second.id, digest(7));

        const removed = [
          await store.sessions.removeOfUser(userId, { only: others.id }),
          await store.sessions.removeOfUser(userId, { only: first.id }),
          await store.sessions.removeOfUser(userId, { except: third.id }),
        ];
        const left = await living();
        const last = await store.sessions.removeOfUser(userId, 'all');

        expect(removed).to.deep.equal([0, 1, 1]);
        expect(left).to.deep.equal([[third]]);
        expect([last, await living()]).to.deep.equal([1, [[]]]);
        const ofOthers = { userId: others.userId, now: CREATED, idleSince: BEFORE_1970 };
        const request = { limit: 9, start: { after: null }, total: true };
        expect(await store.sessions.page(ofOthers, request)).to.deep.equal({
          items: [others],
          next: null,
          total: 1,
        });
      });
    });

    async function addUser(username: string): Promise<User> {
      return await store.users.add(aNewUser({ username, displayName: `The ${username}` }));
    }

    async function addNamespace(path: string, userId: number | null = null): Promise<Namespace> {
      return await store.namespaces.add({ path, userId, createdAt: CREATED });
    }

    async function addProject(path: string): Promise<Project> {
      return await store.projects.add(aNewProject({ path }));
    }

    describe('pages', () => {
      const TWO = { limit: 2, start: { offset: 1 }, total: true };
      const ALL = { limit: 100, start: { offset: 0 }, total: true };
      const NO_USER_FILTER = {
        username: null,
        text: '',
        state: null,
        onlyAdministrators: false,
        direction: 'DESC',
      } as const;
      const NO_PROJECT_FILTER = {
        sight: { kind: 'all' },
        text: '',
        visibility: null,
        archived: null,
        membership: null,
        namespace: null,
        order: { by: 'id', direction: 'ASC' },
      } as const;

      it('of deploy tokens leave out the revoked, and the expired on demand', async () => {
        const mine = await addProject('a/mine');
        const other = await addProject('a/other');
        const projectId = mine.id;
        const first = await addDeployToken(store, { owner: { kind: 'project', id: projectId } });
        const revoked = await addDeployToken(store, { owner: { kind: 'project', id: projectId } });
        const expired = await addDeployToken(store, {
          owner: { kind: 'project', id: projectId },
          expiresAt: LATER,
        });
        const lasting = await addDeployToken(store, {
          owner: { kind: 'project', id: projectId },
          expiresAt: MUCH_LATER,
        });
        const elsewhere = await addDeployToken(store, { owner: other });
        await store.deployTokens.revoke(revoked.id, CREATED, null);
        const ofAll = {
          owner: null,
          state: 'unrevoked',
          now: LATER,
          direction: 'ASC',
        } as const;

        const page = await store.deployTokens.page({ ...ofAll, owner: mine }, TWO);
        const active = await store.deployTokens.page(
          { ...ofAll, owner: mine, state: 'active' },
          ALL,
        );
        const everywhere = await store.deployTokens.page(ofAll, ALL);

        expect(page).to.deep.equal({ items: [expired, lasting], next: null, total: 3 });
        expect(active).to.deep.equal({ items: [first, lasting], next: null, total: 2 });
        expect(everywhere.items).to.deep.equal([first, expired, lasting, elsewhere]);
      });

      it('of deploy tokens are cut by what deployTokenStatus says', async () => {
        const { id: projectId } = await addProject('a/b');
        for (const expiresAt of [null, justBefore(LATER), LATER, justAfter(LATER)]) {
          await addDeployToken(store, { owner: { kind: 'project', id: projectId }, expiresAt });
          const { id } = await addDeployToken(store, {
            owner: { kind: 'project', id: projectId },
            expiresAt,
          });
          await store.deployTokens.revoke(id, CREATED, null);
        }
        const all = await deployTokensOf(store, projectId);
        const owner = { kind: 'project', id: projectId } as const;
        const filter = { owner, now: LATER, direction: 'ASC' } as const;

        const active = await store.deployTokens.page({ ...filter, state: 'active' }, ALL);
        const inactive = await store.deployTokens.page({ ...filter, state: 'inactive' }, ALL);

        const dead = all.filter((token) => deployTokenStatus(token, LATER) !== 'active');
        expect(active.items).to.deep.equal(all.filter((token) => !dead.includes(token)));
        expect(inactive.items).to.deep.equal(dead).and.have.lengthOf(6);
      });

      it('of users are found by name, by a part of it, and by kind', async () => {
        const ada = await addUser('Ada');
        const bert = await addUser('bert_x');
        const percent = await addUser('c.d');
        await store.users.setBlockedAt(bert.id, LATER);

        const found = [
          await store.users.page({ ...NO_USER_FILTER, username: 'ADA' }, ALL),
          await store.users.page({ ...NO_USER_FILTER, text: 'T_X' }, ALL),
          await store.users.page({ ...NO_USER_FILTER, text: 'the C' }, ALL),
          await store.users.page({ ...NO_USER_FILTER, text: '%' }, ALL),
          await store.users.page({ ...NO_USER_FILTER, state: 'blocked' }, ALL),
          await store.users.page({ ...NO_USER_FILTER, state: 'active' }, ALL),
          await store.users.page({ ...NO_USER_FILTER, onlyAdministrators: true }, ALL),
          await store.users.page(NO_USER_FILTER, TWO),
        ].map(({ items, total }) => [...items.map(({ username }) => username), total]);

        expect([ada.username, percent.username]).to.deep.equal(['Ada', 'c.d']);
        expect(found).to.deep.equal([
          ['Ada', 1],
          ['bert_x', 1],
          ['c.d', 1],
          [0],
          ['bert_x', 1],
          ['c.d', 'Ada', 2],
          [0],
          ['bert_x', 'Ada', 3],
        ]);
      });

      it('hold what lies below thousands of namespaces side by side', async () => {
        const path = 'side-2999/app';
        await addNamespace('side-2999');
        await addProject(path);
        const below = Array.from({ length: 3000 }, (_, number) => `side-${number}`);
        const sight = { kind: 'some', visibilities: ['public'], memberId: null, below } as const;
        const some = { limit: 9, start: { offset: 0 }, total: true };

        const projects = await store.projects.page({ ...NO_PROJECT_FILTER, sight }, some);
        const namespaces = await store.namespaces.page({ ...NO_NAMESPACE_FILTER, sight }, some);

        expect(projects.items.map((project) => project.path)).to.deep.equal([path]);
        expect(namespaces.items.map((namespace) => namespace.path)).to.deep.equal(['side-2999']);
      });

      // `min_access_level=60`: on MySQL a list of no roles was a failure.
      it('of projects where somebody has none of the roles are empty, also of no roles at all', async () => {
        const project = await addProject('a/b');
        const member = await addUser('member');
        await store.members.set(project, member.id, 'developer');
        const membership = { userId: member.id, roles: [], below: ['a'] } as const;

        const page = await store.projects.page({ ...NO_PROJECT_FILTER, membership }, ALL);

        expect([page.items, page.total]).to.deep.equal([[], 0]);
      });

      it('of projects are held to numbers above one and below another', async () => {
        const ids: number[] = [];
        for (const each of ['a', 'b', 'c', 'd']) {
          ids.push((await addProject(`n/${each}`)).id);
        }
        const [first = 0, , , last = 0] = ids;
        const filter = { ...NO_PROJECT_FILTER, idAfter: first, idBefore: last };

        const page = await store.projects.page(filter, ALL);

        expect(page.items.map(({ id }) => id)).to.deep.equal(ids.slice(1, 3));
      });

      it('of projects hold those in sight, whatever their number', async () => {
        const hidden = await addProject('a/hidden');
        const own = await addProject('a/own_1');
        const shared = await addProject('b/open');
        const member = await addUser('member');
        await store.members.set(own, member.id, 'developer');
        await store.projects.setVisibility(shared.id, 'public');
        await store.projects.setArchivedAt(hidden.id, LATER);
        const memberId = member.id;
        const sight = { kind: 'some', visibilities: ['public'], memberId, below: [] } as const;
        const nobody = { ...sight, memberId: null, below: [] };
        const membership = {
          userId: memberId,
          roles: ['developer', 'owner'],
          below: [],
        } as const;
        const byPath = { by: 'path', direction: 'DESC' } as const;

        const found = [
          await store.projects.page({ ...NO_PROJECT_FILTER, order: byPath }, ALL),
          await store.projects.page({ ...NO_PROJECT_FILTER, sight }, ALL),
          await store.projects.page({ ...NO_PROJECT_FILTER, sight: nobody }, ALL),
          await store.projects.page({ ...NO_PROJECT_FILTER, sight, visibility: 'public' }, ALL),
          await store.projects.page({ ...NO_PROJECT_FILTER, membership }, ALL),
          await store.projects.page({ ...NO_PROJECT_FILTER, sight, membership }, ALL),
          await store.projects.page({ ...NO_PROJECT_FILTER, archived: true }, ALL),
          await store.projects.page({ ...NO_PROJECT_FILTER, text: 'A/OWN_' }, ALL),
          await store.projects.page({ ...NO_PROJECT_FILTER, text: 'a_own' }, ALL),
          await store.projects.page(NO_PROJECT_FILTER, { ...TWO, limit: 1 }),
        ].map(({ items, total }) => [...items.map(({ path }) => path), total]);

        expect(found).to.deep.equal([
          ['b/open', 'a/own_1', 'a/hidden', 3],
          ['a/own_1', 'b/open', 2],
          ['b/open', 1],
          ['b/open', 1],
          ['a/own_1', 1],
          ['a/own_1', 1],
          ['a/hidden', 1],
          ['a/own_1', 1],
          [0],
          ['a/own_1', 3],
        ]);
      });

      it('of members hold their accounts and roles', async () => {
        const project = await addProject('a/b');
        const other = await addProject('a/c');
        const one = await addUser('one');
        const two = await addUser('two');
        const three = await addUser('three');
        for (const user of [one, two, three]) {
          await store.members.set(project, user.id, 'guest');
        }
        await store.members.set(other, one.id, 'owner');
        const filter = { place: project, text: '', userIds: null };

        const page = await store.members.page(filter, TWO);
        const named = await store.members.page({ ...filter, text: 'TH' }, ALL);
        const some = await store.members.page({ ...filter, userIds: [one.id] }, ALL);

        expect(page).to.deep.equal({
          items: [
            { user: two, role: 'guest' },
            { user: three, role: 'guest' },
          ],
          next: null,
          total: 3,
        });
        expect(named.total, 'all are called “The …”').to.equal(3);
        expect(some.items).to.deep.equal([{ user: one, role: 'guest' }]);
        expect(await store.members.roleIn(other, one.id)).to.equal('owner');
        expect(await store.members.roleIn(other, two.id)).to.equal(null);
      });

      it('of personal access tokens are newest first, the dead ones on demand', async () => {
        const ada = await addUser('ada');
        const bert = await addUser('bert');
        async function add(
          userNumber: number,
          number: number,
          expiresAt: Date | null,
        ): Promise<number> {
          const user = { ...aNewUser(), id: userNumber, blockedAt: null };
          const input = { secretDigest: digest(number), expiresAt };
          return (await store.accessTokens.add(anAccessTokenOf(user, input))).id;
        }
        const [userId, otherId] = [ada.id, bert.id];
        const [lasting, expired, revoked, others] = [
          await add(userId, 1, null),
          await add(userId, 2, LATER),
          await add(userId, 3, MUCH_LATER),
          await add(otherId, 4, null),
        ];
        await store.accessTokens.revoke({ id: revoked, userId }, CREATED);

        const found = [
          await store.accessTokens.page({ userId, state: null, now: LATER }, TWO),
          await store.accessTokens.page({ userId, state: 'active', now: LATER }, ALL),
          await store.accessTokens.page({ userId, state: 'inactive', now: LATER }, ALL),
          await store.accessTokens.page({ userId: null, state: 'active', now: LATER }, ALL),
        ].map(({ items, total }) => [items.map(({ id }) => id), total]);

        expect(found).to.deep.equal([
          [[expired, lasting], 3],
          [[lasting], 1],
          [[revoked, expired], 2],
          [[others, lasting], 2],
        ]);
      });

      it('go on behind the last row of the page before, in any order', async () => {
        const projects: Project[] = [];
        const users: User[] = [];
        for (const letter of ['c', 'a', 'E', 'b', 'd']) {
          projects.push(await addProject(`a/${letter}`));
          users.push(await addUser(letter));
        }
        const [{ id: projectId } = expect.fail(), { id: otherId } = expect.fail()] = projects;
        for (const { id } of users) {
          await store.members.set({ kind: 'project', id: projectId }, id, 'guest');
          await addDeployToken(store, { owner: { kind: 'project', id: projectId } });
          await addDeployToken(store, { owner: { kind: 'project', id: otherId } });
          await store.auditEvents.add(anEvent({ projectId, detail: `${id}` }));
          await store.auditEvents.add(anEvent({ projectId: otherId }));
        }
        const byId = { by: 'id', direction: 'DESC' } as const;
        const byPath = { by: 'path', direction: 'ASC' } as const;
        const place = { kind: 'project', id: projectId } as const;
        const ofTokens = { owner: place, state: 'active', now: LATER, direction: 'DESC' } as const;
        const ofMembers = { place, text: '', userIds: null };

        const byNumber = await pagesOf(
          async (request) =>
            await store.projects.page({ ...NO_PROJECT_FILTER, order: byId }, request),
          2,
        );
        const byName = await pagesOf(
          async (request) =>
            await store.projects.page({ ...NO_PROJECT_FILTER, order: byPath }, request),
          2,
        );
        const backwards = await pagesOf(
          async (request) =>
            await store.projects.page(
              { ...NO_PROJECT_FILTER, order: { ...byPath, direction: 'DESC' } },
              request,
            ),
          2,
        );
        const people = await pagesOf(
          async (request) => await store.users.page(NO_USER_FILTER, request),
          2,
        );
        const members = await pagesOf(
          async (request) => await store.members.page(ofMembers, request),
          5,
        );
        const tokens = await pagesOf(
          async (request) => await store.deployTokens.page(ofTokens, request),
          4,
        );
        const events = await pagesOf(
          async (request) => await store.auditEvents.page({ ...ANY_EVENT, projectId }, request),
          1,
        );

        const ids = users.map(({ id }) => id);
        expect(byNumber.map(pathsOf)).to.deep.equal([['a/d', 'a/b'], ['a/E', 'a/a'], ['a/c']]);
        expect(byName.map(pathsOf)).to.deep.equal([['a/a', 'a/b'], ['a/c', 'a/d'], ['a/E']]);
        expect(backwards.map(pathsOf)).to.deep.equal([['a/E', 'a/d'], ['a/c', 'a/b'], ['a/a']]);
        expect(people.flat().map(({ id }) => id)).to.deep.equal(ids.toReversed());
        expect(members.map((page) => page.map(({ user }) => user.id))).to.deep.equal([ids]);
        expect(tokens.map(({ length }) => length)).to.deep.equal([4, 1]);
        expect(
          tokens.flat().map(({ owner }) => owner.kind === 'project' && owner.id),
        ).to.deep.equal(ids.map(() => projectId));
        expect(events.flat().map(({ detail }) => Number(detail))).to.deep.equal(ids.toReversed());
      });

      it('show each row once, whatever comes and goes between two of them', async () => {
        for (const path of ['a/b', 'a/d', 'a/f', 'a/h']) {
          await addProject(path);
        }
        const filter = {
          ...NO_PROJECT_FILTER,
          order: { by: 'path', direction: 'ASC' },
        } as const;
        const first = await store.projects.page(filter, {
          limit: 2,
          start: { after: null },
          total: false,
        });
        await store.projects.remove(first.items[1] ?? expect.fail(), LATER);
        await addProject('a/a');
        await addProject('a/g');

        const second = await store.projects.page(filter, {
          limit: 9,
          start: { after: first.next },
          total: true,
        });

        expect(pathsOf(first.items)).to.deep.equal(['a/b', 'a/d']);
        expect(pathsOf(second.items)).to.deep.equal(['a/f', 'a/g', 'a/h']);
        expect(
          [first.total, second.total],
          'of the whole list, where it is asked for',
        ).to.deep.equal([null, 5]);
        expect(second.next).to.equal(null);
      });

      it('refuse a place that no such list has', async () => {
        const cursors = ['', 'x', '0', ...['{}', '[]', '["1"]', '[1,2]', '[null]'].map(base64)];

        const failures = await Promise.all(
          cursors.map(
            async (after) =>
              await failureOf(
                store.users.page(NO_USER_FILTER, { limit: 1, start: { after }, total: false }),
              ),
          ),
        );

        expect(new Set(failures)).to.deep.equal(
          new Set([
            'AppError: The address names no place in this list. Open the list again from its first page.',
          ]),
        );
      });
    });

    describe('write', () => {
      it('keeps what its work wrote, and returns what it returned', async () => {
        const added = await store.write(async ({ users }) => await users.add(aNewUser()));

        expect(await store.users.findById(added.id)).to.deep.equal(added);
      });

      it('takes everything back when its work throws', async () => {
        const user = await store.users.add(aNewUser({ username: 'ada' }));
        const project = await store.projects.add(aNewProject({ path: 'a/b' }));

        const error = await failureOf(
          store.write(async (stores) => {
            await stores.users.add(aNewUser({ username: 'bob' }));
            await stores.users.setBlockedAt(user.id, LATER);
            await stores.members.set(project, user.id, 'owner');
            await addDeployToken(stores, { owner: project });
            await stores.projects.remove(project, LATER);
            throw new Error('too bad');
          }),
        );

        expect(error).to.contain('too bad');
        expect(await usersIn(store)).to.deep.equal([user]);
        expect(await projectsIn(store)).to.deep.equal([project]);
        expect(await membersOf(store, project.id)).to.deep.equal([]);
        expect(await deployTokensOf(store, project.id)).to.deep.equal([]);
        expect(await store.projects.freePath('a/b')).to.equal(false);
      });

      it('takes everything back when the database refuses a row', async () => {
        await store.users.add(aNewUser({ username: 'ada' }));

        await failureOf(
          store.write(async ({ users }) => {
            await users.add(aNewUser({ username: 'bob' }));
            await users.add(aNewUser({ username: 'ada' }));
          }),
        );

        expect((await usersIn(store)).map(({ username }) => username)).to.deep.equal(['ada']);
      });

      it('goes on after one that threw', async () => {
        const failed = failureOf(
          store.write(async () => await Promise.reject(new Error('too bad'))),
        );
        const done = store.write(async ({ users }) => await users.add(aNewUser()));

        await failed;
        const added = await done;

        expect(await usersIn(store)).to.deep.equal([added]);
      });

      it('lets no other write in between its statements', async () => {
        const steps: string[] = [];
        async function work(name_: string, stores: Stores): Promise<void> {
          steps.push(`${name_} begins`);
          await usersIn(stores);
          await stores.users.add(aNewUser({ username: name_ }));
          await usersIn(stores);
          steps.push(`${name_} ends`);
        }

        await Promise.all(
          ['first', 'second', 'third'].map(
            async (name_) =>
              await store.write(async (stores) => {
                await work(name_, stores);
              }),
          ),
        );

        const turns = [0, 2, 4].map((i) => steps.slice(i, i + 2).map((step) => step.split(' ')));
        for (const [begin, end] of turns) {
          expect(begin?.[1]).to.equal('begins');
          expect(end).to.deep.equal([begin?.[0], 'ends']);
        }
      });

      it('makes a rule over several rows hold for those who come at once', async () => {
        async function addIfFree(path: string): Promise<boolean> {
          return await store.write(async ({ projects }) => {
            if ((await projects.findPrefixInTheWay(path)) !== null) {
              return false;
            }
            await projects.add(aNewProject({ path }));
            return true;
          });
        }

        const outcomes = await Promise.all(['a/b/c', 'a/b', 'a/b/c/d', 'a/b/c'].map(addIfFree));

        expect(outcomes.filter((wasAdded) => wasAdded)).to.have.lengthOf(1);
        expect(await projectsIn(store)).to.have.lengthOf(1);
      });
    });
  });
}

function aNewUser(overrides: Partial<NewUser> = {}): NewUser {
  return {
    username: 'somebody',
    displayName: 'Ada Lovelace',
    passwordHash: null,
    isAdmin: false,
    createdAt: CREATED,
    ...overrides,
  };
}

function aNewProject(overrides: Partial<NewProject> = {}): NewProject {
  return { path: 'tanuki/project', visibility: 'private', createdAt: CREATED, ...overrides };
}

let lastDigest = 1000;

function justBefore(instant: Date): Date {
  return new Date(instant.getTime() - 1);
}

function justAfter(instant: Date): Date {
  return new Date(instant.getTime() + 1);
}

async function addDays(
  store: Store,
  ...counted: readonly (readonly [deployTokenId: number, day: number, uses: number])[]
): Promise<void> {
  await store.write(async ({ deployTokenDays }) => {
    await deployTokenDays.add(
      counted.map(([deployTokenId, day, uses]) => ({ deployTokenId, day, uses })),
    );
  });
}

async function addDeployToken(
  { deployTokens }: Stores,
  overrides: Partial<NewDeployToken> & Pick<NewDeployToken, 'owner'>,
): ReturnType<Stores['deployTokens']['add']> {
  lastDigest += 1;
  return await deployTokens.add({
    only: null,
    name: 'ci',
    username: null,
    scopes: ['read_registry'],
    expiresAt: null,
    createdAt: CREATED,
    createdBy: null,
    secretDigest: digest(lastDigest),
    ...overrides,
  });
}

function anAccessTokenOf(user: User, overrides: Partial<NewAccessToken>): NewAccessToken {
  return {
    userId: user.id,
    name: 'laptop',
    scopes: ['api'],
    expiresAt: null,
    createdAt: CREATED,
    secretDigest: digest(0),
    ...overrides,
  };
}

function anEvent(overrides: Partial<NewAuditEvent> = {}): NewAuditEvent {
  return {
    at: LATER,
    action: 'deploy_token_created',
    actorId: 7,
    actor: 'ada',
    projectId: 3,
    projectPath: 'tanuki/app',
    namespaceId: null,
    namespacePath: null,
    subjectId: 12,
    subject: 'ci 🚀',
    detail: 'read_registry, without expiry',
    origin: { door: 'web', address: '2001:db8::1', requestId: 'r-1' },
    ...overrides,
  };
}

async function eventDetails(stores: Stores): Promise<string[]> {
  return detailsOf(await auditEventsOf(stores, null));
}

async function detailsFor(
  { auditEvents }: Stores,
  filter: Partial<AuditFilter>,
): Promise<readonly string[]> {
  const request = { limit: 20, start: { after: null }, total: true } as const;
  const { items, total } = await auditEvents.page({ ...ANY_EVENT, ...filter }, request);
  expect(total).to.equal(items.length);
  return detailsOf(items);
}

function detailsOf(events: readonly AuditEvent[]): string[] {
  return events.map(({ detail }) => detail);
}

function pathsOf(projects: readonly Project[]): string[] {
  return projects.map(({ path }) => path);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** 32 bytes, not all of them text, that differ from number to number. */
function digest(number: number): Buffer {
  const bytes = Buffer.alloc(32, 0xff);
  bytes.writeUInt32BE(number);
  return bytes;
}

function sortedById(projects: readonly Project[]): Project[] {
  return projects.toSorted((a, b) => a.id - b.id);
}

/** Why a promise failed, as text. */
async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return String(error);
  }
  throw new Error('it did not fail');
}

async function migrated(
  { create }: TestedDatabase,
  tables: readonly EntitySchema[],
): Promise<Database> {
  const database = await openDatabase(await create(), tables);
  await database.db.runMigrations();
  return database;
}

/** The statements that would bring what the migrations made to what the tables say. */
async function differences(
  database: TestedDatabase,
  tables: readonly EntitySchema[],
): Promise<string[]> {
  const { db, close } = await migrated(database, tables);
  const { upQueries } = await db.driver.createSchemaBuilder().log();
  await close();
  const queries = upQueries.map(({ query }) => query);
  const dropped = constraintsIn(queries, DROPPED);
  const added = constraintsIn(queries, ADDED);
  // One that would be dropped and made again is the same, under another name: a unique column is
  // UQ_<hash> in a migration of TypeORM's and IDX_<hash> in its tables, and what the tables call
  // NO ACTION, MariaDB calls RESTRICT.
  const same = [...dropped.keys()].filter((hash) => added.has(hash));
  const renamed = new Set(same.flatMap((hash) => [dropped.get(hash), added.get(hash)]));
  const others = queries.filter((query) => !renamed.has(query));
  return others.filter((query) => !isMadeAgain(query, others, [...renamed]));
}

/** With a unique column under another name MySQL makes every index again that the column is in. */
function isMadeAgain(
  query: string,
  queries: readonly string[],
  renamed: readonly (string | undefined)[],
): boolean {
  const name = /^(?:DROP|CREATE) INDEX (?<name>`\w+`)/.exec(query)?.groups?.['name'];
  const made = queries.find((each) => each.startsWith(`CREATE INDEX ${name} `));
  const isDropped = queries.some((each) => each.startsWith(`DROP INDEX ${name} `));
  const columns = made?.slice(made.indexOf('(')).match(/`\w+`/g) ?? [];
  return (
    isDropped && columns.some((column) => renamed.some((each) => each?.includes(`(${column})`)))
  );
}

const DROPPED = /^(?:DROP INDEX|ALTER TABLE .* DROP FOREIGN KEY) `(?:UQ|FK)_(?<hash>\w{26})/;
const ADDED =
  /(?:ADD UNIQUE INDEX `IDX|ADD CONSTRAINT `FK(?=.* ON DELETE NO ACTION ON UPDATE NO ACTION$))_(?<hash>\w{26})/;

/** The hash, which TypeORM makes of the table and its columns, and the statement it is in. */
function constraintsIn(queries: readonly string[], form: RegExp): ReadonlyMap<string, string> {
  return new Map(
    queries.flatMap((query) => {
      const hash = form.exec(query)?.groups?.['hash'];
      return hash === undefined ? [] : [[hash, query]];
    }),
  );
}
