/** Databases full of deploy tokens, written past the service: a million takes it too long. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { freePort, isInstalled, run } from './programs.mjs';
import { PROGRAM, tokenOf } from './pullgate-server.mjs';

const BATCH = 1000;
const MADE_AT = Date.UTC(2026, 0, 1);

const PROJECT_COLUMNS = ['id', 'path', 'path_key', 'visibility', 'created_at'];
const PREFIX_COLUMNS = ['prefix', 'project_id'];
const TOKEN_COLUMNS = ['id', 'kind', 'project_id', 'name', 'username', 'scopes', 'created_at'];
const SECRET_COLUMNS = ['deploy_token_id', 'secret_digest', 'created_at'];

/** SQLite, and MariaDB where it is installed; null where not. `programs` are to be ended. */
export async function startDatabases(folder, tokens, program = PROGRAM) {
  const sqlite = await fullSqlite(folder, tokens, program);
  if (!isInstalled('mariadbd')) {
    return { sqlite, mysql: null, programs: [] };
  }
  const { url, child } = await startMariaDb(folder);
  await migrate(folder, url, program);
  await fillMysql(url, tokens);
  return { sqlite, mysql: { url, tokens, program, pid: child.pid }, programs: [child] };
}

/** In a file of its own in that folder; the program makes its tables, and serves it. */
export async function fullSqlite(folder, tokens, program = PROGRAM) {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${tokens}.db`);
  const url = `sqlite:${file}`;
  await migrate(folder, url, program);
  fillSqlite(file, tokens);
  return { url, tokens, program };
}

async function migrate(folder, url, program) {
  await writeFile(join(folder, 'pullgate.yml'), '');
  const env = {
    PATH: process.env.PATH,
    PULLGATE_CONFIG: join(folder, 'pullgate.yml'),
    PULLGATE_DATABASE_URL: url,
  };
  await run(process.execPath, [program, 'migrate'], { cwd: folder, env });
}

async function startMariaDb(folder) {
  const port = await freePort();
  const data = join(folder, 'mariadb');
  const user = process.getuid() === 0 ? ['--user=root'] : [];
  const install = [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
  ];
  await run('mariadb-install-db', [...install, '--skip-test-db', ...user], {});
  const socket = join(folder, 'mariadb.sock');
  const child = spawn(
    'mariadbd',
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      ...user,
    ],
    { stdio: 'ignore' },
  );
  const connection = await untilConnected({ socketPath: socket, user: 'root' }, child);
  await connection.query('CREATE DATABASE pullgate');
  await connection.query("CREATE USER bench@'127.0.0.1' IDENTIFIED BY 'bench'");
  await connection.query("GRANT ALL ON pullgate.* TO bench@'127.0.0.1'");
  await connection.end();
  return { url: `mysql://bench:bench@127.0.0.1:${port}/pullgate`, child };
}

async function untilConnected(options, child) {
  while (child.exitCode === null) {
    try {
      return await createConnection(options);
    } catch {
      await pause(50);
    }
  }
  throw new Error('mariadbd ended before it answered.');
}

async function fillMysql(url, tokens) {
  const connection = await createConnection(url);
  for (let start = 0; start < tokens; start += BATCH) {
    const rows = rowsOf(start, Math.min(BATCH, tokens - start));
    await connection.query(`${insertInto('projects', PROJECT_COLUMNS)} ?`, [rows.projects]);
    await connection.query(`${insertInto('image_prefixes', PREFIX_COLUMNS)} ?`, [rows.prefixes]);
    await connection.query(`${insertInto('deploy_tokens', TOKEN_COLUMNS)} ?`, [rows.tokens]);
    await connection.query(`${insertInto('deploy_token_secrets', SECRET_COLUMNS)} ?`, [
      rows.secrets,
    ]);
  }
  await connection.end();
}

function insertInto(table, columns) {
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES`;
}

function fillSqlite(file, tokens) {
  const db = new Sqlite(file);
  const addProject = db.prepare(
    `${insertInto('projects', PROJECT_COLUMNS)} (${marks(PROJECT_COLUMNS)})`,
  );
  const addToken = db.prepare(
    `${insertInto('deploy_tokens', TOKEN_COLUMNS)} (${marks(TOKEN_COLUMNS)})`,
  );
  const addPrefix = db.prepare(
    `${insertInto('image_prefixes', PREFIX_COLUMNS)} (${marks(PREFIX_COLUMNS)})`,
  );
  const addSecret = db.prepare(
    `${insertInto('deploy_token_secrets', SECRET_COLUMNS)} (${marks(SECRET_COLUMNS)})`,
  );
  for (let start = 0; start < tokens; start += BATCH) {
    const rows = rowsOf(start, Math.min(BATCH, tokens - start));
    db.transaction(() => {
      rows.projects.forEach((row) => addProject.run(row));
      rows.prefixes.forEach((row) => addPrefix.run(row));
      rows.tokens.forEach((row) => addToken.run(row));
      rows.secrets.forEach((row) => addSecret.run(row));
    })();
  }
  db.close();
}

function marks(columns) {
  return columns.map(() => '?').join(', ');
}

function rowsOf(start, count) {
  const projects = new Map();
  const tokens = [];
  const secrets = [];
  for (let index = start; index < start + count; index += 1) {
    const { project, username, secret } = tokenOf(index);
    const projectId = Number(project.split('-')[1]) + 1;
    projects.set(projectId, [projectId, project, project, 'private', MADE_AT]);
    const digest = createHash('sha256').update(secret).digest();
    tokens.push([index + 1, 'secret', projectId, 'bench', username, 'read_registry', MADE_AT]);
    secrets.push([index + 1, digest, MADE_AT]);
  }
  const prefixes = [...projects.values()].map(([id, path]) => [path, id]);
  return { projects: [...projects.values()], prefixes, tokens, secrets };
}
