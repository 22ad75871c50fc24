/**
 * How long an answer takes at a share of what the server can do, from the moment at which the request was
 * due: a server that stalls does not get fewer requests for it.
 *
 *   npm run bench:latency -- [--share 0.7] [--rounds 9] [--seconds 3] [--json FILE]
 *
 * Requests are due at random moments (Poisson). A machine that others use as well does half as much in
 * one second as in another, so capacity is measured anew before each of many short windows. A server of
 * node:http that does nothing but sign shows what of the latencies is the machine's own.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startHello } from './hello.mjs';
import { measure, measureLatency, MODES, startGenerator } from './load.mjs';
import { end } from './programs.mjs';
import { startPullgate } from './pullgate-server.mjs';
import { spread, summary, table } from './statistics.mjs';
import { fullSqlite } from './token-database.mjs';

const TOKENS = 10_000;
/** For the compiler. */
const FIRST_WARM_UP_MS = 6000;
const CAPACITY_WARM_UP_MS = 200;
const CAPACITY_MS = 800;
/** A load that begins is a burst of its own. */
const WARM_UP_MS = 1000;
/** What is told of the windows of a load. */
const TOLD = ['rate', 'p50', 'p99', 'p999'];

const { values: options } = parseArgs({
  options: {
    share: { type: 'string', default: '0.7' },
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'pullgate-latency-'));
const generator = startGenerator('1');
const servers = [];
try {
  const database = await fullSqlite(join(folder, 'databases'), TOKENS);
  const busy = await startHello({ app: 'busy', cpus: '0' });
  servers.push({ ...busy, name: 'node:http, two signatures' });
  for (const [name, settings] of [
    ['SQLite, each signed', { PULLGATE_REGISTRY_TOKEN_REUSE_SECONDS: '0' }],
    ['SQLite, JWT reuse', {}],
  ]) {
    const place = join(folder, name.replaceAll(/\W+/g, '-'));
    servers.push(await startPullgate({ name, folder: place, cpus: '0', database, settings }));
  }
  const results = await takeTurns();
  process.stdout.write(`${report(results)}\n`);
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  }
} finally {
  generator.disconnect();
  await Promise.all(servers.map(async ({ child }) => await end(child)));
  await rm(folder, { recursive: true, force: true });
}

async function takeTurns() {
  const loads = MODES.flatMap((mode) => servers.map((server) => ({ mode, server })));
  for (const { mode, server } of loads) {
    await measure(generator, server, { mode, warmUpMs: FIRST_WARM_UP_MS, windowMs: CAPACITY_MS });
  }
  const windows = loads.map(() => []);
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const [index, { mode, server }] of loads.entries()) {
      windows[index].push(await measureWindow(server, mode));
    }
  }
  return loads.map(({ mode, server }, index) => {
    const told = TOLD.map((key) => [key, summary(windows[index].map((window) => window[key]))]);
    return { name: server.name, mode, ...Object.fromEntries(told) };
  });
}

async function measureWindow(server, mode) {
  const burst = { mode, warmUpMs: CAPACITY_WARM_UP_MS, windowMs: CAPACITY_MS };
  const { perSecond } = await measure(generator, server, burst);
  const rate = perSecond * Number(options.share);
  const windowMs = Number(options.seconds) * 1000;
  const load = { mode, rate, warmUpMs: WARM_UP_MS, windowMs };
  return { rate, ...(await measureLatency(generator, server, load)) };
}

function report(results) {
  const head = ['', '', 'a second', 'p50 ms', 'p99 ms', 'p99.9 ms'];
  const rows = results.map(({ name, mode, rate, p50, p99, p999 }) => [
    name,
    mode,
    spread(rate, 0),
    ...[p50, p99, p999].map((milliseconds) => spread(milliseconds)),
  ]);
  return table([head, ...rows]);
}
