/**
 * How long the server takes for pages of a large instance, beside an empty page.
 *
 *   npm run bench:pages -- [--rounds 20] [--only TEXT] [--json FILE]
 *
 * 20 000 projects, 5000 deploy tokens in one of them, their uses of 90 days, 400 000 audit events. One
 * process of Pullgate, one request at a time, on SQLite and where `mariadbd` is installed on MariaDB. The
 * pages take turns, so that whatever else the machine does meets all. The empty page is a form, seen by
 * somebody without a project. The goal is 50 ms more than that.
 */

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cookieOf, fillForPages, PROJECT, TOKEN } from './page-database.mjs';
import { end } from './programs.mjs';
import { startPullgate } from './pullgate-server.mjs';
import { spread, summary, table } from './statistics.mjs';
import { startDatabases } from './token-database.mjs';

const WARM_UP_ROUNDS = 5;
const GOAL_MS = 50;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});

const SETTINGS = `/${PROJECT}/-/settings`;
/** The first is what the others are compared with. */
const PAGES = [
  { name: 'empty page', who: 'nobody', path: '/projects/new' },
  { name: 'home, without a project', who: 'nobody', path: '/' },
  { name: 'home, maintainer of 200', who: 'team', path: '/' },
  { name: 'home, maintainer of 20 000', who: 'everywhere', path: '/' },
  { name: 'home, administrator', who: 'admin', path: '/' },
  { name: "a project's tokens", who: 'everywhere', path: `${SETTINGS}/repository?show=active` },
  {
    name: "a project's tokens, inactive",
    who: 'everywhere',
    path: `${SETTINGS}/repository?show=inactive`,
  },
  {
    name: "a token's page",
    who: 'everywhere',
    path: `${SETTINGS}/repository/deploy_tokens/${TOKEN}`,
  },
  { name: "a project's audit", who: 'everywhere', path: `${SETTINGS}/audit` },
  { name: "a token's audit", who: 'everywhere', path: `${SETTINGS}/audit?token=${TOKEN}` },
  { name: 'audit of everything', who: 'admin', path: '/admin/audit' },
  { name: 'audit of one person', who: 'admin', path: '/admin/audit?by=everywhere' },
];

const folder = await mkdtemp(join(tmpdir(), 'pullgate-pages-'));
const running = [];
try {
  const { sqlite, mysql, programs } = await startDatabases(join(folder, 'databases'), 0);
  running.push(...programs);
  const results = [];
  for (const [name, database] of Object.entries({ SQLite: sqlite, MariaDB: mysql })) {
    if (database !== null && name.includes(options.only)) {
      await fillForPages(database);
      const place = join(folder, name);
      const server = await startPullgate({ name, folder: place, cpus: '0', database });
      running.push(server.child);
      results.push({ name, pages: await measurePages(server) });
      await end(server.child);
    }
  }
  for (const { name, pages } of results) {
    process.stdout.write(`${name}, ${options.rounds} rounds, ms, median (min–max)\n`);
    process.stdout.write(`${report(pages)}\n\n`);
  }
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  }
} finally {
  await Promise.all(running.map(end));
  await rm(folder, { recursive: true, force: true });
}

async function measurePages(server) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const samples = new Map(PAGES.map(({ name }) => [name, []]));
  const rounds = WARM_UP_ROUNDS + Number(options.rounds);
  for (let round = 0; round < rounds; round += 1) {
    for (const page of round % 2 === 0 ? PAGES : PAGES.toReversed()) {
      const milliseconds = await ask(server, agent, page);
      if (round >= WARM_UP_ROUNDS) {
        samples.get(page.name).push(milliseconds);
      }
    }
  }
  agent.destroy();
  const empty = samples.get(PAGES[0].name);
  return PAGES.map(({ name }) => {
    const own = samples.get(name);
    // Round by round, so that a bad moment of the machine is in both.
    const more = summary(own.map((milliseconds, round) => milliseconds - empty[round]));
    return { name, milliseconds: summary(own), more };
  });
}

/** From the request to the end of its answer. */
async function ask({ port }, agent, { name, who, path }) {
  const startedAt = performance.now();
  const headers = { cookie: cookieOf(who), accept: 'text/html' };
  const sent = request({ host: '127.0.0.1', port, path, agent, headers }).end();
  const [answer] = await once(sent, 'response');
  answer.resume();
  await once(answer, 'end');
  if (answer.statusCode !== 200) {
    throw new Error(`${name} was answered ${answer.statusCode}.`);
  }
  return performance.now() - startedAt;
}

function report(pages) {
  const rows = pages.map(({ name, milliseconds, more }) => [
    name,
    spread(milliseconds, 1),
    spread(more, 1),
    more.median <= GOAL_MS ? '' : `more than ${GOAL_MS}`,
  ]);
  return table([['', 'answer', 'more than the empty page', ''], ...rows]);
}
