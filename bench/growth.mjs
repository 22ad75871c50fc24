/**
 * Whether the token door gets slower with the number of deploy tokens, and what a process then weighs.
 *
 *   npm run bench:growth -- [--rounds 5] [--tokens 10,10000,1000000] [--json FILE]
 *
 * On SQLite, each JWT signed anew and with reuse, taking turns as in token-door.mjs. A thousand tokens
 * from all over the table are used, ten of them where there are no more.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, MODES, startGenerator } from './load.mjs';
import { residentMegabytes } from './process-cpu.mjs';
import { end } from './programs.mjs';
import { startPullgate } from './pullgate-server.mjs';
import { spread, summary, table } from './statistics.mjs';
import { fullSqlite } from './token-database.mjs';

const FIRST_WARM_UP_MS = 6000;
const WARM_UP_MS = 300;
const WINDOW_MS = 2000;

const WAYS = [
  { what: 'each signed', settings: { PULLGATE_REGISTRY_TOKEN_REUSE_SECONDS: '0' } },
  { what: 'JWT reuse', settings: {} },
];

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '10,10000,1000000' },
    json: { type: 'string' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'pullgate-growth-'));
const generator = startGenerator('1');
const servers = [];
try {
  for (const tokens of options.tokens.split(',').map(Number)) {
    const database = await fullSqlite(join(folder, 'databases'), tokens);
    for (const { what, settings } of WAYS) {
      const name = `${tokens} tokens, ${what}`;
      const place = join(folder, name.replaceAll(/\W+/g, '-'));
      const server = await startPullgate({ name, folder: place, cpus: '0', database, settings });
      servers.push({ ...server, what });
    }
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
  const samples = new Map(servers.map(({ name }) => [name, MODES.map(() => [])]));
  for (let round = 0; round <= Number(options.rounds); round += 1) {
    const warmUpMs = round === 0 ? FIRST_WARM_UP_MS : WARM_UP_MS;
    for (const [index, mode] of MODES.entries()) {
      for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
        const sample = await measure(generator, server, { mode, warmUpMs, windowMs: WINDOW_MS });
        if (round > 0) {
          samples.get(server.name)[index].push(sample.microseconds);
        }
      }
    }
  }
  return await Promise.all(
    servers.map(async ({ name, what, child }) => {
      const smallest = servers.find((server) => server.what === what);
      const modes = MODES.map((mode, index) => {
        const own = samples.get(name)[index];
        const least = samples.get(smallest.name)[index];
        const growth = summary(own.map((microseconds, round) => microseconds / least[round]));
        return { mode, microseconds: summary(own), growth };
      });
      return { name, modes, megabytes: await residentMegabytes(child.pid) };
    }),
  );
}

function report(results) {
  const head = ['', ...MODES.flatMap((mode) => [`${mode}: CPU µs`, 'growth']), 'MB resident'];
  const rows = results.map(({ name, modes, megabytes }) => [
    name,
    ...modes.flatMap(({ microseconds, growth }) => [spread(microseconds, 1), spread(growth)]),
    megabytes.toFixed(0),
  ]);
  return table([head, ...rows]);
}
