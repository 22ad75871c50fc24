import {
  Table,
  TableColumn,
  TableForeignKey,
  TableIndex,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm';
import { id, instant, integer, orNull, references, secretDigest, text } from './helpers-v1.js';
import { insertAll, rowsOf } from './helpers-v2.js';

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
/** First components that addresses of ours need: nobody's personal namespace. */
const RESERVED = new Set(
  (
    'admin api assets dashboard explore favicon.ico health help jwt login logout metrics new ' +
    'profile projects robots.txt search session sessions settings token user users v1 v2'
  ).split(' '),
);

const NAMESPACES = new Table({
  name: 'namespaces',
  columns: [
    id,
    text('path'),
    { ...text('path_key'), isUnique: true },
    orNull(integer('user_id')),
    instant('created_at'),
  ],
  foreignKeys: [references('user_id', 'users')],
});

const NAMESPACE_MEMBERS = new Table({
  name: 'namespace_members',
  columns: [
    { ...integer('namespace_id'), isPrimary: true },
    { ...integer('user_id'), isPrimary: true },
    text('role', 16),
  ],
  indices: [{ name: 'namespace_members_by_user', columnNames: ['user_id'] }],
  foreignKeys: [references('namespace_id', 'namespaces'), references('user_id', 'users')],
});

const IMAGE_PREFIXES = new Table({
  name: 'image_prefixes',
  columns: [{ ...text('prefix'), isPrimary: true }, integer('project_id')],
  indices: [{ name: 'image_prefixes_by_project', columnNames: ['project_id'] }],
  foreignKeys: [references('project_id', 'projects')],
});

const BY_NAMESPACE = new TableIndex({
  name: 'deploy_tokens_by_namespace',
  columnNames: ['namespace_id'],
});
const BY_USERNAME = new TableIndex({
  name: 'deploy_tokens_by_username',
  columnNames: ['username'],
});

const NEW_COLUMNS = [
  new TableColumn(orNull(integer('namespace_id'))),
  new TableColumn(orNull(text('namespace_path'))),
  new TableColumn(orNull({ name: 'only', type: 'text' })),
  new TableColumn(orNull(instant('suspended_at'))),
];

/**
 * Namespaces with members, image prefixes, and deploy tokens that belong to more than a project and can
 * have more than one secret. What is there keeps what it may: the namespaces of existing projects have
 * no members but where somebody owns everything in the one that bears their name.
 */
export class Namespaces1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // MySQL's runner adds an index for each unique column to what it is given.
    await runner.createTable(NAMESPACES.clone());
    await runner.createTable(NAMESPACE_MEMBERS.clone());
    await runner.createTable(IMAGE_PREFIXES.clone());
    await fillPrefixes(runner);
    await fillNamespaces(runner);
    await moveSecrets(runner);
    await widenDeployTokens(runner);
  }

  /**
   * Deploy tokens that belong to no project or have no secret are lost, and all secrets but one. SQLite makes
   * the table anew, which it refuses while other rows point to it: there, the way back is the backup.
   */
  async down(runner: QueryRunner): Promise<void> {
    const withSecret = 'SELECT deploy_token_id FROM deploy_token_secrets';
    const lost = `SELECT id FROM deploy_tokens WHERE project_id IS NULL OR id NOT IN (${withSecret})`;
    for (const table of ['deploy_token_uses', 'deploy_token_days', 'deploy_token_secrets']) {
      await runner.query(`DELETE FROM ${table} WHERE deploy_token_id IN (${lost})`);
    }
    await runner.query(`DELETE FROM deploy_tokens WHERE id NOT IN (${withSecret})`);
    await runner.query(
      'UPDATE deploy_tokens SET secret_digest = (SELECT MIN(s.secret_digest) ' +
        'FROM deploy_token_secrets s WHERE s.deploy_token_id = deploy_tokens.id)',
    );
    await setNullable(runner, 'secret_digest', false);
    await dropForeignKey(runner, 'namespace_id');
    await runner.dropIndex('deploy_tokens', BY_USERNAME);
    await runner.dropIndex('deploy_tokens', BY_NAMESPACE);
    for (const { name } of NEW_COLUMNS) {
      await runner.dropColumn('deploy_tokens', name);
    }
    await runner.dropColumn('deploy_tokens', 'kind');
    await setNullable(runner, 'project_id', false);
    await runner.dropTable('deploy_token_secrets');
    await runner.dropTable(IMAGE_PREFIXES);
    await runner.dropTable(NAMESPACE_MEMBERS);
    await runner.dropTable(NAMESPACES);
  }
}

async function fillPrefixes(runner: QueryRunner): Promise<void> {
  await runner.query(
    'INSERT INTO image_prefixes (prefix, project_id) ' +
      'SELECT path_key, id FROM projects WHERE path_key IS NOT NULL',
  );
}

interface Found {
  readonly path: string;
  readonly createdAt: number;
}

/** Of everything that there is or was, and of every user whose name can be one. */
async function fillNamespaces(runner: QueryRunner): Promise<void> {
  const projects = await rowsOf(runner, 'SELECT path, created_at FROM projects ORDER BY id');
  const users = await rowsOf(runner, 'SELECT id, username, created_at FROM users ORDER BY id');
  const found = new Map<string, Found & { readonly userId: number | null }>();
  for (const project of projects) {
    const path = String(project['path']);
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      const above = path.slice(0, end);
      if (!found.has(above.toLowerCase())) {
        const createdAt = Number(project['created_at']);
        found.set(above.toLowerCase(), { path: above, createdAt, userId: null });
      }
    }
  }
  for (const user of users) {
    const username = String(user['username']);
    const key = username.toLowerCase();
    if (COMPONENT.test(key) && !key.endsWith('.git') && !RESERVED.has(key)) {
      const { path = username, createdAt = Number(user['created_at']) } = found.get(key) ?? {};
      found.set(key, { path, createdAt, userId: Number(user['id']) });
    }
  }
  await insertAll(
    runner,
    { table: 'namespaces', columns: ['path', 'path_key', 'user_id', 'created_at'] },
    Array.from(found, ([key, { path, userId, createdAt }]) => [path, key, userId, createdAt]),
  );
  await fillMembers(runner);
}

/** Whoever owns all that lies in their own namespace owns the namespace; others gain nothing by it. */
async function fillMembers(runner: QueryRunner): Promise<void> {
  const personal = await rowsOf(
    runner,
    'SELECT id, path_key, user_id FROM namespaces WHERE user_id IS NOT NULL',
  );
  const projects = await rowsOf(runner, 'SELECT id, path FROM projects');
  const owners = await rowsOf(
    runner,
    "SELECT project_id, user_id FROM members WHERE role = 'owner'",
  );
  const owned = new Set(owners.map((row) => pair(row['project_id'], row['user_id'])));
  const idsByFirst = new Map<string, unknown[]>();
  for (const project of projects) {
    const [first = ''] = String(project['path']).toLowerCase().split('/', 1);
    idsByFirst.set(first, [...(idsByFirst.get(first) ?? []), project['id']]);
  }
  const members = personal.filter((namespace) =>
    (idsByFirst.get(String(namespace['path_key'])) ?? []).every((projectId) =>
      owned.has(pair(projectId, namespace['user_id'])),
    ),
  );
  await insertAll(
    runner,
    { table: 'namespace_members', columns: ['namespace_id', 'user_id', 'role'] },
    members.map((namespace) => [Number(namespace['id']), Number(namespace['user_id']), 'owner']),
  );
}

function pair(projectId: unknown, userId: unknown): string {
  return `${Number(projectId)} ${Number(userId)}`;
}

async function moveSecrets(runner: QueryRunner): Promise<void> {
  await runner.createTable(
    new Table({
      name: 'deploy_token_secrets',
      columns: [
        id,
        integer('deploy_token_id'),
        secretDigest(runner),
        instant('created_at'),
        orNull(instant('ends_at')),
      ],
      indices: [{ name: 'deploy_token_secrets_by_token', columnNames: ['deploy_token_id'] }],
      foreignKeys: [references('deploy_token_id', 'deploy_tokens')],
    }),
  );
  await runner.query(
    'INSERT INTO deploy_token_secrets (deploy_token_id, secret_digest, created_at) ' +
      'SELECT id, secret_digest, created_at FROM deploy_tokens',
  );
}

async function widenDeployTokens(runner: QueryRunner): Promise<void> {
  // Kept for the version before, which goes on serving while its replicas are replaced.
  await setNullable(runner, 'secret_digest', true);
  await setNullable(runner, 'project_id', true);
  await runner.addColumn('deploy_tokens', new TableColumn(orNull(text('kind', 16))));
  await runner.query("UPDATE deploy_tokens SET kind = 'secret'");
  await setNullable(runner, 'kind', false);
  for (const column of NEW_COLUMNS) {
    await runner.addColumn('deploy_tokens', column);
  }
  await runner.createIndex('deploy_tokens', BY_NAMESPACE);
  await runner.createIndex('deploy_tokens', BY_USERNAME);
  await runner.createForeignKey(
    'deploy_tokens',
    new TableForeignKey(references('namespace_id', 'namespaces')),
  );
}

async function dropForeignKey(runner: QueryRunner, column: string): Promise<void> {
  const table = await runner.getTable('deploy_tokens');
  const key = table?.foreignKeys.find(({ columnNames }) => columnNames.join() === column);
  if (key === undefined) {
    throw new Error(`deploy_tokens has no foreign key on ${column}`);
  }
  await runner.dropForeignKey('deploy_tokens', key);
}

async function setNullable(runner: QueryRunner, name: string, isNullable: boolean): Promise<void> {
  const table = await runner.getTable('deploy_tokens');
  const before = table?.findColumnByName(name);
  if (before === undefined) {
    throw new Error(`deploy_tokens has no column ${name}`);
  }
  const after = before.clone();
  after.isNullable = isNullable;
  await runner.changeColumn('deploy_tokens', before, after);
}
