/**
 * How long an answer takes at a share of what the server can do, from the moment at which the request was
 * due: a server that stalls does not get fewer requests for it.
 *
 *   npm run bench:latency -- [--share 0.7] [--seconds 20] [--json FILE]
 *
 * Requests are due at random moments (Poisson). Capacity is measured just before. The bare server of
 * node:http at the same rates shows what of it is the generator's own.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startHello } from './hello.mjs';
import { measure, measureLatency, MODES, startGenerator } from './load.mjs';
import { end } from './programs.mjs';
import { startPullgate } from './pullgate-server.mjs';
import { table } from './statistics.mjs';
import { fullSqlite } from './token-database.mjs';

const TOKENS = 10_000;
/** The first seconds of a load are a burst of its own, and the compiler's. */
const WARM_UP_MS = 4000;

const { values: options } = parseArgs({
  options: {
    share: { type: 'string', default: '0.7' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'pullgate-latency-'));
const generator = startGenerator('1');
const servers = [];
try {
  const database = await fullSqlite(join(folder, 'databases'), TOKENS);
  const hello = await startHello({ app: 'node', cpus: '0' });
  servers.push({ ...hello, name: 'bare node:http' });
  for (const [name, settings] of [
    ['SQLite, each signed', { PULLGATE_REGISTRY_TOKEN_REUSE_SECONDS: '0' }],
    ['SQLite, JWT reuse', {}],
  ]) {
    const place = join(folder, name.replaceAll(/\W+/g, '-'));
    servers.push(await startPullgate({ name, folder: place, cpus: '0', database, settings }));
  }
  const results = await measureAll(servers[0], servers.slice(1));
  process.stdout.write(`${report(results)}\n`);
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  }
} finally {
  generator.disconnect();
  await Promise.all(servers.map(async ({ child }) => await end(child)));
  await rm(folder, { recursive: true, force: true });
}

async function measureAll(floor, doors) {
  const windowMs = Number(options.seconds) * 1000;
  const results = [];
  for (const mode of MODES) {
    for (const server of doors) {
      const warmUp = { mode, warmUpMs: WARM_UP_MS, windowMs: 3000 };
      const { perSecond } = await measure(generator, server, warmUp);
      const load = {
        mode,
        rate: perSecond * Number(options.share),
        warmUpMs: WARM_UP_MS,
        windowMs,
      };
      for (const measured of [server, floor]) {
        const latencies = await measureLatency(generator, measured, load);
        results.push({ name: measured.name, mode, rate: load.rate, ...latencies });
      }
    }
  }
  return results;
}

function report(results) {
  const head = ['', '', 'offered a second', 'answered a second', 'p50 ms', 'p99 ms', 'p99.9 ms'];
  const rows = results.map(({ name, mode, rate, answers, p50, p99, p999 }) => [
    name,
    mode,
    String(Math.round(rate)),
    String(Math.round(answers / Number(options.seconds))),
    ...[p50, p99, p999].map((milliseconds) => milliseconds.toFixed(2)),
  ]);
  return table([head, ...rows]);
}
