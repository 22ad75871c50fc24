/**
 * What one client can do to the others: 50 token requests a second, and clones' first requests, beside each
 * cheap attack at the size at which it once stopped the service. On SQLite and where `mariadbd` is installed
 * on MariaDB.
 *
 *   npm run bench:attacks -- [--only SQLite] [--rows TEXT] [--seconds 10] [--json FILE]
 *
 * Nothing may be refused, and the p99 of the tokens is to stay below 100 ms. The server has the first CPU
 * with the git that it starts, everything else has the second. The attacks come from an address of their
 * own, as those of one client do.
 */

import { once } from 'node:events';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { startHello } from './hello.mjs';
import { ask, probeWhile } from './probe.mjs';
import { end, freePort } from './programs.mjs';
import { pullgate, questionOf, startPullgate } from './pullgate-server.mjs';
import { percentile, table } from './statistics.mjs';
import { startDatabases } from './token-database.mjs';

const AIM_MS = 100;
const TOKENS = 10_000;
const PROJECT = 'bench/public';
const GIT_EVERY_MS = 250;
const ATTACKER = '127.0.0.9';
const GUESSES = 200;
const SCOPES_AT_ONCE = 8;
const SLOW_BODIES = 8;
const MANY_SLOW_BODIES = 200;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rows: { type: 'string', default: '' },
    seconds: { type: 'string', default: '10' },
    json: { type: 'string' },
  },
});
const windowMs = Number(options.seconds) * 1000;

const ROWS = [
  { name: 'nothing else', attack: async (_port, signal) => await aborted(signal) },
  { name: '64 kB of requests on one connection', attack: pipeline('/api/v4/openapi.json') },
  { name: 'the same for the home page', attack: pipeline('/') },
  { name: `${SLOW_BODIES} bodies of fetches, byte by byte`, attack: trickle(SLOW_BODIES) },
  { name: `${MANY_SLOW_BODIES} of them`, attack: trickle(MANY_SLOW_BODIES) },
  { name: `${GUESSES} passwords at once, a network each`, attack: guess },
  { name: '8 kB of scope, eight at once', attack: askForMany(8 * 1024) },
  { name: '30 kB of scope, eight at once', attack: askForMany(30 * 1024) },
].filter(({ name }) => name.includes(options.rows));

const folder = await mkdtemp(join(tmpdir(), 'pullgate-attacks-'));
const running = [];
try {
  const { sqlite, mysql, programs } = await startDatabases(join(folder, 'databases'), TOKENS);
  running.push(...programs);
  const results = [];
  for (const [name, database] of Object.entries({ SQLite: sqlite, MariaDB: mysql })) {
    if (database !== null && name.includes(options.only)) {
      results.push({ name, rows: await measure(name, database) });
    }
  }
  for (const { name, rows } of results) {
    process.stdout.write(`${name}: ms of the token door at 50 requests a second\n`);
    process.stdout.write(`${report(rows)}\n\n`);
  }
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  }
} finally {
  await Promise.all(running.map(end));
  await rm(folder, { recursive: true, force: true });
}

async function measure(name, database) {
  const metricsPort = await freePort();
  const server = await startPullgate({
    name,
    folder: join(folder, name),
    cpus: '0',
    database,
    settings: {
      PULLGATE_GIT_ROOT: join(folder, name, 'git'),
      PULLGATE_METRICS_LISTEN: `127.0.0.1:${metricsPort}`,
      PULLGATE_HTTP_TRUSTED_PROXIES: ATTACKER,
    },
  });
  running.push(server.child);
  const bare = await startHello({ app: 'node', cpus: '0' });
  running.push(bare.child);
  await pullgate(server, 'project', 'create', PROJECT, '--visibility', 'public');
  const results = [];
  await probeWhile(server, bare, questionOf, async () => await pause(windowMs));
  for (const row of ROWS) {
    results.push({ name: row.name, ...(await measureBeside(row, { server, bare, metricsPort })) });
    process.stderr.write(`${name}: ${report(results.slice(-1)).split('\n').at(-1)}\n`);
  }
  await end(server.child);
  await end(bare.child);
  return results;
}

async function measureBeside({ attack }, { server, bare, metricsPort }) {
  const over = new AbortController();
  await loopDelay(metricsPort);
  const attacking = attack(server.port, over.signal);
  const git = askGit(server, over.signal);
  const tokens = await probeWhile(server, bare, questionOf, async () => await pause(windowMs));
  const delay = await loopDelay(metricsPort);
  over.abort();
  return { ...tokens, attacks: await attacking, git: await git, delay };
}

/** The longest that the event loop of the service was late by, since this was asked before. */
async function loopDelay(metricsPort) {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/-/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1]) * 1000;
}

/** As clones begin. */
async function askGit({ port }, signal) {
  const agent = new Agent({ keepAlive: true });
  const path = `/${PROJECT}.git/info/refs?service=git-upload-pack`;
  const took = [];
  let refused = 0;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const status = await ask({ port, path, agent });
    took.push(performance.now() - startedAt);
    refused += status === 200 ? 0 : 1;
    await pause(GIT_EVERY_MS);
  }
  agent.destroy();
  return {
    refused,
    p50: percentile(
      took.toSorted((a, b) => a - b),
      0.5,
    ),
  };
}

/** Each gives how often it did what it does. */
function pipeline(path) {
  const one = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const all = one.repeat(Math.floor(65_536 / one.length));
  return async (port, signal) => {
    let connections = 0;
    while (!signal.aborted) {
      const socket = connect({ port, host: '127.0.0.1', localAddress: ATTACKER });
      socket.on('error', () => {}).resume();
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write(all);
      await Promise.race([closed, aborted(signal)]);
      socket.destroy();
      connections += 1;
    }
    return connections;
  };
}

function trickle(count) {
  const headers =
    `POST /${PROJECT}.git/git-upload-pack HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n` +
    'Content-Type: application/x-git-upload-pack-request\r\n\r\n';
  return async (port, signal) => {
    const opened = Array.from({ length: count }, async () => {
      let connections = 0;
      while (!signal.aborted) {
        const socket = connect({ port, host: '127.0.0.1', localAddress: ATTACKER });
        socket.on('error', () => {}).resume();
        socket.write(headers);
        connections += 1;
        while (!signal.aborted && !socket.destroyed) {
          socket.write('0');
          await Promise.race([pause(1000), aborted(signal)]);
        }
        socket.destroy();
      }
      return connections;
    });
    return (await Promise.all(opened)).reduce((sum, connections) => sum + connections, 0);
  };
}

async function guess(port, signal) {
  let number = 0;
  return await repeatedly(GUESSES, signal, async (agent) => {
    number += 1;
    const secret = `nobody:guess ${number}`;
    await attackBy(port, agent, {
      path: '/token?service=container_registry',
      headers: {
        authorization: `Basic ${Buffer.from(secret).toString('base64')}`,
        'x-forwarded-for': `2001:db8:${(number % 65_536).toString(16)}::1`,
      },
    });
  });
}

function askForMany(bytes) {
  const above = 'a/'.repeat(125);
  const scopes = Array.from(
    { length: Math.floor(bytes / 270) },
    (_, number) => `scope=repository:${above}${number}:pull`,
  );
  const path = `/token?service=container_registry&${scopes.join('&')}`;
  return async (port, signal) =>
    await repeatedly(SCOPES_AT_ONCE, signal, async (agent, number) => {
      await attackBy(port, agent, { path: `${path}&account=${number}` });
    });
}

async function repeatedly(atOnce, signal, work) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce, localAddress: ATTACKER });
  let done = 0;
  const loops = Array.from({ length: atOnce }, async () => {
    while (!signal.aborted) {
      await work(agent, done);
      done += 1;
    }
  });
  await Promise.race([Promise.all(loops), aborted(signal)]);
  agent.destroy();
  return done;
}

async function attackBy(port, agent, { path, headers = {} }) {
  try {
    const sent = request({ host: '127.0.0.1', port, path, agent, headers }).end();
    const [answer] = await once(sent, 'response');
    answer.resume();
    await once(answer, 'end');
  } catch {
    // Cut off, as attacks are.
    await pause(1);
  }
}

async function aborted(signal) {
  if (!signal.aborted) {
    await once(signal, 'abort');
  }
}

function report(rows) {
  return table([
    ['beside', 'attacks', 'p50', 'p99', 'longest', 'bare p99', 'loop late by', 'git, p50', ''],
    ...rows.map(({ name, attacks = 0, wrong, p50, p99, max, bare, delay, git }) => [
      name,
      String(attacks),
      p50.toFixed(1),
      p99.toFixed(1),
      max.toFixed(0),
      bare.p99.toFixed(1),
      delay.toFixed(0),
      git.p50.toFixed(0),
      [
        ...(p99 < AIM_MS ? [] : ['missed']),
        ...(wrong > 0 ? [`${wrong} refused`] : []),
        ...(git.refused > 0 ? [`${git.refused} of git refused`] : []),
      ].join(', '),
    ]),
  ]);
}
