/**
 * How long the token door takes while a large instance does something else: 50 token requests a second
 * beside each of the loads below, on SQLite and where `mariadbd` is installed on MariaDB.
 *
 *   npm run bench:scale -- [--only SQLite] [--rows TEXT] [--seconds 5] [--json FILE]
 *
 * 5000 projects and users, 200 000 deploy tokens, 500 000 audit events, one process of Pullgate. What is
 * aimed at is a p99 below 20 ms in every row; a server that does nothing is asked beside it, on the same CPU,
 * and tells what the machine does to both. The server has the first CPU with the git that it starts,
 * everything else has the second.
 */

import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { git, makeBigRepository } from './big-repository.mjs';
import { cookieOf } from './page-database.mjs';
import { ask, probeWhile } from './probe.mjs';
import { end } from './programs.mjs';
import { startHello } from './hello.mjs';
import { questionOf, startPullgate } from './pullgate-server.mjs';
import {
  ACCESS_TOKEN,
  ADMINISTRATOR,
  fillForScale,
  OLD_EVENTS,
  PROJECT,
  PUBLIC_PROJECT,
} from './scale-database.mjs';
import { table } from './statistics.mjs';
import { startDatabases } from './token-database.mjs';

const AIM_MS = 20;
const LOCK_MS = 4000;
const CLONES = 20;
/** More than a pipe holds. */
const LINES = 400;
const RETENTION_PATIENCE_MS = 60_000;
const HOURLY_ON_SIGNAL = fileURLToPath(new URL('hourly-on-signal.mjs', import.meta.url));
const PUBLIC_PROJECT_ID = 5000;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rows: { type: 'string', default: '' },
    seconds: { type: 'string', default: '5' },
    json: { type: 'string' },
  },
});
const windowMs = Number(options.seconds) * 1000;

const cookie = { cookie: cookieOf(ADMINISTRATOR), accept: 'text/html' };
const token = { 'private-token': ACCESS_TOKEN };
const API = '/api/v4';

/** Each with what goes on, given a server and its database. In this order: retention is the last that reads events. */
const ROWS = [
  { name: 'nothing else', work: async () => await pause(windowMs) },
  { name: 'another process holds the write lock', work: holdWriteLock },
  page('home, administrator', '/', cookie),
  page('a project with 2000 members', `/${PROJECT}/-/settings/members`, cookie),
  page('users, administrator', '/admin/users', cookie),
  page('audit of everything', '/admin/audit', cookie),
  page('every deploy token, administrator', '/admin/deploy_tokens', cookie),
  page('API: deploy tokens, page 90', `${API}/deploy_tokens?page=90&per_page=100`, token),
  page('API: deploy tokens, page 1500', `${API}/deploy_tokens?page=1500&per_page=100`, token),
  page('API: audit events, page 4000', `${API}/audit_events?page=4000&per_page=100`, token),
  page('API: projects, members', `${API}/projects/1/members/all?per_page=100`, token),
  page('API: users', `${API}/users?page=40&per_page=100`, token),
  { name: '20 clones of 50 MB', work: cloneMuch },
  { name: 'nobody reads the log', work: async () => await pause(windowMs), isUnread: true },
  { name: 'retention removes 400 000 events', work: removeOldEvents },
].filter(({ name }) => name.includes(options.rows));

const folder = await mkdtemp(join(tmpdir(), 'pullgate-scale-'));
const running = [];
try {
  const repository = join(folder, 'big.git');
  await makeBigRepository(repository);
  const { sqlite, mysql, programs } = await startDatabases(join(folder, 'databases'), 0);
  running.push(...programs);
  const results = [];
  for (const [name, database] of Object.entries({ SQLite: sqlite, MariaDB: mysql })) {
    if (database !== null && name.includes(options.only)) {
      tell(`${name}: filling`);
      await fillForScale(database);
      results.push({ name, rows: await measure(name, database, repository) });
    }
  }
  for (const { name, rows } of results) {
    process.stdout.write(
      `${name}: ms of the token door at 50 requests a second\n${report(rows)}\n\n`,
    );
  }
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  }
} finally {
  await Promise.all(running.map(end));
  await rm(folder, { recursive: true, force: true });
}

async function measure(name, database, repository) {
  const place = join(folder, name);
  const root = join(place, 'git');
  await cp(repository, join(root, `${PUBLIC_PROJECT_ID}.git`), { recursive: true });
  const settings = { PULLGATE_GIT_ROOT: root };
  async function start(more) {
    return await startPullgate({ name, folder: place, cpus: '0', database, settings, ...more });
  }
  const nodeOptions = ['--import', HOURLY_ON_SIGNAL];
  const bare = await startHello({ app: 'node', cpus: '0' });
  running.push(bare.child);
  const results = [];
  const shared = await start({ nodeOptions });
  running.push(shared.child);
  await warmUp(shared, bare);
  for (const row of ROWS) {
    const measured = row.isUnread
      ? await measureUnread(start, bare, row)
      : await probeWhile(shared, bare, questionOf, async () => await row.work(shared, database));
    results.push({ name: row.name, ...measured });
    tell(`${name}: ${report(results.slice(-1)).split('\n').at(-1)}`);
  }
  await end(shared.child);
  await end(bare.child);
  return results;
}

/** Its log goes into a pipe that is open and full, as when a collector of logs hangs. */
async function measureUnread(start, bare, { work }) {
  const pipe = join(folder, 'unread');
  execFileSync('mkfifo', [pipe]);
  const both = openSync(pipe, 'r+');
  const server = await start({ standardOutput: both });
  try {
    await fillPipe(server);
    return await probeWhile(server, bare, questionOf, work);
  } finally {
    const closed = once(server.child, 'close');
    server.child.kill('SIGTERM');
    await Promise.race([closed, pause(LOCK_MS)]);
    server.child.kill('SIGKILL');
    closeSync(both);
    await rm(pipe);
  }
}

/** Which holds 64 kB. */
async function fillPipe(server) {
  const agent = new Agent({ keepAlive: true });
  for (let number = 0; number < LINES; number += 1) {
    await Promise.race([ask({ port: server.port, path: '/token', agent }), pause(50)]);
  }
  agent.destroy();
}

async function warmUp(server, bare) {
  await probeWhile(server, bare, questionOf, async () => await pause(windowMs));
  for (const { name, request } of ROWS) {
    const status = request === undefined ? 200 : await ask({ port: server.port, ...request });
    if (status !== 200) {
      tell(`${name} is answered ${status}`);
    }
  }
}

/** One client, which asks again as soon as it has its answer. */
function page(name, path, headers) {
  const request = { path, headers };
  async function work({ port }) {
    const agent = new Agent({ keepAlive: true });
    const until = performance.now() + windowMs;
    while (performance.now() < until) {
      await ask({ port, agent, ...request });
    }
    agent.destroy();
  }
  return { name, work, request };
}

async function holdWriteLock(_server, { url }) {
  if (url.startsWith('sqlite:')) {
    const db = new Sqlite(url.replace('sqlite:', ''));
    db.exec('BEGIN IMMEDIATE');
    await pause(LOCK_MS);
    db.exec('ROLLBACK');
    db.close();
    return;
  }
  const connection = await createConnection(url);
  await connection.beginTransaction();
  await connection.query('SELECT writes FROM write_lock FOR UPDATE');
  await pause(LOCK_MS);
  await connection.end();
}

async function cloneMuch({ port }) {
  const url = `http://127.0.0.1:${port}/${PUBLIC_PROJECT}.git`;
  const targets = Array.from({ length: CLONES }, (_, number) => join(folder, `clone-${number}`));
  await Promise.all(
    targets.map(async (target) => {
      await git(['clone', '--quiet', '--bare', url, target]);
      await rm(target, { recursive: true });
    }),
  );
}

async function removeOldEvents(server, { url }) {
  const count = await eventCounter(url);
  const before = await count();
  process.kill(server.child.pid, 'SIGUSR2');
  const until = performance.now() + RETENTION_PATIENCE_MS;
  while (before - (await count()) < OLD_EVENTS && performance.now() < until) {
    await pause(500);
  }
  tell(`removed ${before - (await count())} events`);
  await count(true);
}

async function eventCounter(url) {
  const sql = 'SELECT COUNT(*) AS count FROM audit_events';
  if (url.startsWith('sqlite:')) {
    const db = new Sqlite(url.replace('sqlite:', ''), { readonly: true });
    return async (isLast) => (isLast ? db.close() : db.prepare(sql).get().count);
  }
  const connection = await createConnection(url);
  return async (isLast) =>
    isLast ? await connection.end() : (await connection.query(sql))[0][0].count;
}

function report(rows) {
  return table([
    ['beside', 'answers', 'p50', 'p99', 'longest', 'bare p50', 'bare p99', ''],
    ...rows.map(({ name, answers, wrong, p50, p99, max, bare }) => [
      name,
      String(answers),
      p50.toFixed(1),
      p99.toFixed(1),
      max.toFixed(0),
      bare.p50.toFixed(1),
      bare.p99.toFixed(1),
      [...(p99 < AIM_MS ? [] : ['missed']), ...(wrong > 0 ? [`${wrong} wrong`] : [])].join(', '),
    ]),
  ]);
}

function tell(line) {
  process.stderr.write(`${line}\n`);
}
