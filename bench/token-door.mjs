/**
 * What a request to the token door costs, beside servers that do nothing.
 *
 *   npm run bench -- [--rounds 9] [--json FILE] [--svg FILE] [--only PATTERN] [--beside FOLDER]
 *                    [--peer 'NAME=COMMAND' --peer-target '/token?…' [--peer-user USER:PASSWORD]]
 *
 * CPU microseconds a request of the server process, user and system, all threads, by /proc (Linux
 * only); of its workers, where it has any, and of the database. Beside full load, what the same costs at
 * 200 requests a second, with all that goes on beside requests. Everything takes turns within one run, A B C … C B A, so
 * that whatever else the machine does meets all. MariaDB is measured where `mariadbd` is installed.
 *
 * `--beside` measures a build of another commit in the same run, such as the parent: the folder is its
 * checkout, compiled. A peer is any other server: its command, in which {port} stands for the port to listen on, and what
 * to ask it for.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { barChart } from './bar-chart.mjs';
import { startHello } from './hello.mjs';
import { VARIANTS } from './variants.mjs';
import {
  KEEP_ALIVE,
  measure,
  MODES,
  PACED,
  PACED_RATE,
  startGenerator,
  startLoad,
  tell,
  tokenRequest,
} from './load.mjs';
import { canPin, end, freePort, spawnPinned, untilAnswers } from './programs.mjs';
import { pullgate, questionOf, startPullgate, tokenOf } from './pullgate-server.mjs';
import { spread, summary, table } from './statistics.mjs';
import { startDatabases } from './token-database.mjs';

const TOKENS = 10_000;
const FIRST_WARM_UP_MS = 6000;
const WARM_UP_MS = 300;
/** Neighbours come and go within seconds, so that many short turns tell more than a few long ones. */
const WINDOW_MS = 1000;
const PACED_WINDOW_MS = 2500;
/** A server of one process has the first CPU for itself, the generator the second. */
const CPUS = { server: '0', workers: '0,1', generator: '1' };

/** What is asked of each server in turn. */
const LOADS = [
  ...MODES.map((mode) => ({ name: mode, mode, windowMs: WINDOW_MS })),
  { name: PACED, mode: KEEP_ALIVE, rate: PACED_RATE, windowMs: PACED_WINDOW_MS },
];

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    json: { type: 'string' },
    svg: { type: 'string' },
    only: { type: 'string', default: '' },
    beside: { type: 'string' },
    peer: { type: 'string' },
    'peer-target': { type: 'string', default: '/' },
    'peer-user': { type: 'string' },
  },
});

const only = new RegExp(options.only);
/** A machine that others use, too, may hold up its database for longer than a pull should wait. */
const PATIENT = { PULLGATE_DATABASE_TIMEOUT_MS: '10000' };
const folder = await mkdtemp(join(tmpdir(), 'pullgate-bench-'));
const generator = startGenerator(CPUS.generator);
const running = [];
try {
  const databases = await startDatabases(join(folder, 'databases'), TOKENS);
  running.push(...databases.programs);
  const others = await databasesBeside();
  const servers = await startServers(databases, others);
  const samples = await takeTurns(servers);
  const revocations = await checkRevocations(servers);
  const results = resultsOf(servers, samples);
  print(report(results, revocations));
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify({ results, revocations }, null, 2)}\n`);
  }
  if (options.svg !== undefined) {
    await writeFile(options.svg, picture(results));
  }
} finally {
  generator.disconnect();
  await Promise.all(running.map(end));
  await rm(folder, { recursive: true, force: true });
}

/** Null where nothing is measured beside this commit. */
async function databasesBeside() {
  if (options.beside === undefined) {
    return null;
  }
  const program = resolve(options.beside, 'dist/src/main.js');
  const databases = await startDatabases(join(folder, 'databases-beside'), TOKENS, program);
  running.push(...databases.programs);
  return databases;
}

async function startServers(databases, others) {
  const wanted = VARIANTS.filter(
    ({ name, hello, database }) =>
      // What the others are compared with is always there.
      hello === 'node' ||
      (only.test(name) && (hello !== undefined || databases[database] !== null)),
  );
  const servers = [];
  for (const variant of wanted) {
    progress(`starting ${variant.name}`);
    const server = await startVariant(variant, databases);
    running.push(server.child);
    servers.push({ processes: 1, ...variant, ...server });
    if (others !== null && variant.database !== undefined) {
      const beside = { ...variant, name: `${variant.name}, beside` };
      const other = await startVariant(beside, others);
      running.push(other.child);
      servers.push({ processes: 1, ...beside, ...other });
    }
  }
  if (options.peer !== undefined) {
    servers.push(await startPeer());
  }
  return servers;
}

async function startVariant(
  { name, hello, database, settings, withWrongSecrets, processes = 1 },
  databases,
) {
  const cpus = processes === 1 ? CPUS.server : CPUS.workers;
  if (hello === undefined) {
    const place = join(folder, name.replaceAll(/\W+/g, '-'));
    return await startPullgate({
      name,
      folder: place,
      cpus,
      database: databases[database],
      settings: { ...PATIENT, ...settings },
      withWrongSecrets,
    });
  }
  return await startHello({ app: hello, cpus, processes });
}

async function startPeer() {
  const [, name, command] = /^([^=]+)=(.+)$/.exec(options.peer);
  const port = await freePort();
  const words = ['sh', '-c', `exec ${command.replaceAll('{port}', String(port))}`];
  const child = spawnPinned(CPUS.server, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  running.push(child);
  await untilAnswers(`http://127.0.0.1:${port}/`, child);
  const user = options['peer-user'];
  const authorization = user === undefined ? null : `Basic ${Buffer.from(user).toString('base64')}`;
  const target = options['peer-target'];
  function requests(mode) {
    return [tokenRequest({ target, authorization, mode })];
  }
  return { name, child, port, requests, processes: 1 };
}

/** By name and mode, a sample each round. */
async function takeTurns(servers) {
  const samples = new Map(
    servers.flatMap(({ name }) => LOADS.map((load) => [`${name} ${load.name}`, []])),
  );
  for (let round = 0; round <= Number(options.rounds); round += 1) {
    const turns = round % 2 === 0 ? servers : servers.toReversed();
    for (const { name, ...load } of LOADS) {
      for (const server of turns) {
        progress(`round ${round} of ${options.rounds}: ${server.name}, ${name}`);
        const warmUpMs = round === 0 ? FIRST_WARM_UP_MS : WARM_UP_MS;
        const sample = await measure(generator, server, {
          ...load,
          warmUpMs,
          isAwake: isAlone(server),
        });
        // The first round is all warm-up.
        if (round > 0) {
          samples.get(`${server.name} ${name}`).push(sample);
        }
      }
    }
  }
  return samples;
}

/** Whether the generator has the second CPU for itself: two workers use both, as does MariaDB. */
function isAlone({ processes, database }) {
  return processes === 1 && database !== 'mysql';
}

/** Under load, with a process of its own to revoke: is the very next request refused? */
async function checkRevocations(servers) {
  const doors = servers.filter(
    ({ database, withWrongSecrets }) => database !== undefined && !withWrongSecrets,
  );
  const checked = [];
  for (const [number, server] of doors.entries()) {
    progress(`revoking: ${server.name}`);
    // From the end, where the load does not reach.
    const index = TOKENS - 1 - number;
    await startLoad(generator, server, { mode: KEEP_ALIVE });
    const before = [await askOnce(server, index), await askOnce(server, index)];
    await pullgate(server, 'deploy-token', 'revoke', String(index + 1));
    const after = await askOnce(server, index);
    await tell(generator, 'stop');
    const isReused = before[0].token === before[1].token;
    const statuses = [...before, after].map(({ status }) => status);
    if (statuses.join() !== '200,200,401') {
      throw new Error(
        `${server.name}: ${tokenOf(index).username} was answered ${statuses.join()}.`,
      );
    }
    checked.push({ name: server.name, isReused, statuses });
  }
  return checked;
}

async function askOnce({ port }, index) {
  const { target, authorization } = questionOf(index);
  const answer = await fetch(`http://127.0.0.1:${port}${target}`, { headers: { authorization } });
  return { status: answer.status, token: (await answer.json()).token };
}

function resultsOf(servers, samples) {
  return servers.map(({ name, processes, startMs }) => {
    const yardstick = servers.find((server) => server.processes === processes);
    const modes = LOADS.map(({ name: mode }) => {
      const own = samples.get(`${name} ${mode}`);
      const bare = samples.get(`${yardstick.name} ${mode}`);
      const sqlite = samples.get(`${asOnSqlite(name)} ${mode}`);
      return {
        mode,
        microseconds: summary(own.map(({ microseconds }) => microseconds)),
        database: summary(own.map(({ databaseMicroseconds }) => databaseMicroseconds)),
        perSecond: summary(own.map(({ perSecond }) => perSecond)),
        p99: own[0].p99 === null ? null : summary(own.map(({ p99 }) => p99)),
        // Round by round, so that a bad moment of the machine is in both.
        share: summary(own.map((sample, round) => bare[round].microseconds / sample.microseconds)),
        besideSqlite:
          sqlite === undefined || sqlite === own
            ? null
            : summary(own.map((each, round) => each.microseconds / sqlite[round].microseconds)),
      };
    });
    return { name, startMs, modes };
  });
}

/** The same on SQLite, of this commit: what a database costs, and what a commit changes. */
function asOnSqlite(name) {
  return name.replace('MariaDB', 'SQLite').replace(', beside', '');
}

function report(results, revocations) {
  const head = [
    '',
    'CPU µs a request',
    '+ database',
    'share of bare',
    '× SQLite',
    'a second',
    'p99 ms',
  ];
  const tables = LOADS.map(({ name: mode }, index) => {
    const rows = results.map(({ name, modes }) => [name, ...cellsOf(modes[index])]);
    return `${mode}\n\n${table([head, ...rows])}\n`;
  });
  const pinned = canPin()
    ? 'server on CPU 0, generator on CPU 1; two workers share both with it'
    : 'nothing pinned to a CPU: no taskset, or a single CPU';
  const refused = revocations.map(
    ({ name, isReused }) => `  ${name}${isReused ? ', JWT handed out twice before' : ''}`,
  );
  return [
    `${options.rounds} rounds, median (min–max); ${pinned}; 64 connections\n`,
    ...tables,
    'Revoked by another process under load, and refused at the next request:',
    ...refused,
  ].join('\n');
}

function cellsOf({ microseconds, database, share, besideSqlite, perSecond, p99 }) {
  return [
    spread(microseconds, 1),
    database.max === 0 ? '' : spread(database, 1),
    percent(share),
    besideSqlite === null ? '' : spread(besideSqlite),
    String(Math.round(perSecond.median)),
    p99 === null ? '' : spread(p99, 1),
  ];
}

function percent({ median, min, max }) {
  const [middle, low, high] = [median, min, max].map((share) => Math.round(share * 100));
  return `${middle} % (${low}–${high})`;
}

function picture(results) {
  return barChart({
    title: 'CPU microseconds a request: shorter is better',
    series: MODES,
    rows: results.map(({ name, modes }) => ({
      name,
      values: modes.map(({ microseconds }) => microseconds),
    })),
  });
}

function progress(text) {
  if (process.stderr.isTTY) {
    process.stderr.write(`${text}\n`);
  }
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
