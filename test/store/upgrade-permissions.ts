import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { DataSource } from 'typeorm';
import { ANONYMOUS, type Actor } from '../../src/access/actor.js';
import { decide, decideInNamespace, PERMISSIONS } from '../../src/access/permissions.js';
import type { Role, Roles } from '../../src/access/role.js';
import { openDatabase, type DatabaseSettings } from '../../src/store/databases.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { TABLES } from '../../src/store/tables.js';
import { aDeployToken, userWho } from '../support/build.js';
import { lookUpDeployToken } from '../support/lookups.js';
import { projectsIn, usersIn } from '../support/rows.js';
import { MIGRATIONS_BEFORE } from './fill-tables.js';

/** `tanuki` and `Zoo` are named like namespaces of others, `grace` owns all of hers, `x-` can be no path. */
const USERS = ['ada', 'grace', 'tanuki', 'Zoo', 'x-', 'v2', 'nobody'];
const ADMINISTRATOR = 'ada';
type Members = Readonly<Record<string, Role>>;

const PROJECTS: readonly (readonly [path: string, visibility: string, members: Members])[] = [
  ['tanuki/app', 'private', { tanuki: 'owner', grace: 'reporter' }],
  ['tanuki/other', 'private', { grace: 'owner', 'x-': 'guest' }],
  ['Grace/one', 'private', { grace: 'owner', nobody: 'developer' }],
  ['grace/deep/two', 'internal', { grace: 'owner', tanuki: 'maintainer' }],
  ['zoo/animals', 'public', { Zoo: 'developer', grace: 'owner' }],
  ['v1/legacy', 'private', { v2: 'maintainer' }],
  ['gone/removed', 'private', { grace: 'owner' }],
];
const REMOVED = 'gone/removed';
const MADE_AT = 1_700_000_000_000;

/** Who could do what before can do exactly that after, but for making projects. */
export function describeUpgradeOfPermissions(
  name: string,
  create: () => Promise<DatabaseSettings>,
): void {
  describe(`an upgrade to namespaces on ${name}`, () => {
    let settings: DatabaseSettings;
    let store: Store;

    before(async function migrate() {
      this.timeout(120_000);
      settings = await create();
      const { db, close } = await openDatabase(settings, TABLES);
      db.migrations.splice(MIGRATIONS_BEFORE);
      await db.runMigrations();
      await populate(db);
      await close();
      ({ store } = await openCurrentStore(settings, { migrate: true }));
    });

    after(async () => {
      await store.close();
    });

    async function actorNow(username: string): Promise<Actor> {
      const user = (await store.users.findByUsername(username)) ?? expect.fail(username);
      return userWho(null, { user, roles: await store.members.rolesOf(user.id) });
    }

    async function tableOf(actorOf: (username: string) => Promise<Actor>): Promise<string[]> {
      const cells = [];
      for (const project of await projectsIn(store)) {
        for (const username of USERS) {
          const actor = await actorOf(username);
          const may = PERMISSIONS.filter((each) => decide(actor, each, project) === null);
          cells.push(`${username} in ${project.path}: ${may.join(', ')}`);
        }
        const may = PERMISSIONS.filter((each) => decide(ANONYMOUS, each, project) === null);
        cells.push(`anonymous in ${project.path}: ${may.join(', ')}`);
      }
      return cells;
    }

    it('leaves everybody every permission in every project, and adds none', async () => {
      const ids = new Map((await projectsIn(store)).map(({ path, id }) => [path, id]));
      const before = await tableOf(async (username) => {
        const user = (await store.users.findByUsername(username)) ?? expect.fail(username);
        return userWho(null, { user, roles: rolesBefore(username, ids) });
      });

      expect(await tableOf(actorNow)).to.deep.equal(before);
      expect(before).to.have.lengthOf((PROJECTS.length - 1) * (USERS.length + 1));
    });

    it('leaves every deploy token its secret, its project and its state', async () => {
      for (const [index, [path]] of PROJECTS.entries()) {
        const token = await lookUpDeployToken(store, digestOf(index));

        expect(token).to.deep.include({
          owner: { kind: 'project', id: index + 1 },
          username: `deploy-token-${index + 1}`,
          scopes: ['read_registry'],
          only: null,
          revokedAt: path === REMOVED ? new Date(MADE_AT) : null,
        });
        const project = await store.projects.findById(index + 1);
        const may =
          token && project && decide({ kind: 'deploy-token', token }, 'pull_image', project);
        expect(may, path).to.equal(null);
      }
      expect(aDeployToken().kind).to.equal('secret');
    });

    it('leaves the version before what it looks deploy tokens up by, while replicas are replaced', async () => {
      const { db, close } = await openDatabase(settings, TABLES);

      const found: unknown = await db.query(
        'SELECT id, project_id, scopes, expires_at, revoked_at FROM deploy_tokens WHERE secret_digest = ?',
        [digestOf(0)],
      );

      await close();
      expect(found).to.deep.equal([
        { id: 1, project_id: 1, scopes: 'read_registry', expires_at: null, revoked_at: null },
      ]);
    });

    it('makes the namespaces of all projects, and each user one of their own name', async () => {
      const paths = ['tanuki', 'grace', 'grace/deep', 'zoo', 'v1', 'gone', 'ada', 'nobody'];
      const found = await store.namespaces.findByPaths([...paths, 'x-', 'v2', 'tanuki/app']);
      const names = new Map((await usersIn(store)).map(({ id, username }) => [id, username]));

      expect(found.map(({ path }) => path.toLowerCase())).to.have.members(paths);
      const personal = found.flatMap(({ path, userId }) =>
        userId === null ? [] : [`${path.toLowerCase()} of ${names.get(userId)}`],
      );
      expect(personal).to.have.members([
        'tanuki of tanuki',
        'grace of grace',
        'zoo of Zoo',
        'ada of ada',
        'nobody of nobody',
      ]);
    });

    it('lets those make projects in their own namespace who own all that is there', async () => {
      const own = { tanuki: 'tanuki', grace: 'grace', Zoo: 'zoo', nobody: 'nobody', v2: 'v2' };
      const may = [];
      for (const [username, path] of Object.entries(own)) {
        const actor = await actorNow(username);
        may.push(
          `${username}: ${String(decideInNamespace(actor, 'create_project', path) === null)}`,
        );
      }

      expect(may).to.deep.equal([
        'tanuki: false',
        'grace: true',
        'Zoo: false',
        'nobody: true',
        'v2: false',
      ]);
    });

    it('gives each project its path as an image prefix, and keeps what is reserved', async () => {
      expect(await store.projects.findPrefixInTheWay('grace/one/api')).to.equal('grace/one');
      expect(await store.projects.findPrefixInTheWay(REMOVED)).to.equal(REMOVED);
      expect(await store.projects.findPrefixInTheWay('grace/three')).to.equal(null);
    });
  });
}

function rolesBefore(username: string, ids: ReadonlyMap<string, number>): Roles {
  const roles = PROJECTS.flatMap(([path, , members]) => {
    const role = members[username];
    const id = ids.get(path);
    return role === undefined || id === undefined ? [] : [[id, role] as const];
  });
  return { projects: new Map(roles), namespaces: new Map() };
}

function digestOf(index: number): Buffer {
  return createHash('sha256').update(`secret ${index}`).digest();
}

async function populate(db: DataSource): Promise<void> {
  for (const [index, username] of USERS.entries()) {
    await insert(db, 'users', {
      id: index + 1,
      username,
      username_key: username.toLowerCase(),
      display_name: username,
      is_admin: username === ADMINISTRATOR,
      created_at: MADE_AT,
    });
  }
  for (const [index, [path, visibility, members]] of PROJECTS.entries()) {
    const id = index + 1;
    const removedAt = path === REMOVED ? MADE_AT : null;
    await insert(db, 'projects', {
      id,
      path,
      path_key: removedAt === null ? path.toLowerCase() : null,
      visibility,
      removed_at: removedAt,
      created_at: MADE_AT,
    });
    if (removedAt !== null) {
      await insert(db, 'reserved_paths', { path_key: path, project_id: id, reserved_at: MADE_AT });
    }
    for (const [username, role] of Object.entries(members)) {
      const user = { project_id: id, user_id: USERS.indexOf(username) + 1, role };
      await insert(db, 'members', user);
    }
    await insert(db, 'deploy_tokens', {
      id,
      project_id: id,
      name: 'ci',
      username: `deploy-token-${id}`,
      secret_digest: digestOf(index),
      scopes: 'read_registry',
      created_at: MADE_AT,
      revoked_at: removedAt,
    });
  }
}

async function insert(
  db: DataSource,
  table: string,
  row: Readonly<Record<string, string | number | boolean | Buffer | null>>,
): Promise<void> {
  const values = Object.values(row).map((value) =>
    typeof value === 'boolean' ? Number(value) : value,
  );
  const marks = values.map(() => '?').join(', ');
  await db.query(`INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${marks})`, values);
}
