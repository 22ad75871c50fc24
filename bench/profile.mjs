/**
 * Where the CPU of the token door goes.
 *
 *   npm run bench:profile -- [--fresh] [--sign-each] [--wrong-secrets] [--out FOLDER] [--top 40]
 *
 * Prints the functions that took most of their own, and leaves a .cpuprofile in the folder: Chrome's
 * developer tools and speedscope show it as a flame graph.
 */

import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FRESH, KEEP_ALIVE, measure, startGenerator } from './load.mjs';
import { end } from './programs.mjs';
import { startPullgate } from './pullgate-server.mjs';
import { table } from './statistics.mjs';
import { fullSqlite } from './token-database.mjs';
import { BEHIND_A_PROXY, SIGN_EACH } from './variants.mjs';

const TOKENS = 10_000;
const INTERVAL_MICROSECONDS = '200';
/** Start and warm-up stay out of the list: the share of the run, from its end, that is looked at. */
const SHARE_LOOKED_AT = 0.5;

const { values: options } = parseArgs({
  options: {
    fresh: { type: 'boolean', default: false },
    'sign-each': { type: 'boolean', default: false },
    'wrong-secrets': { type: 'boolean', default: false },
    out: { type: 'string', default: '.' },
    top: { type: 'string', default: '40' },
  },
});

const out = resolve(options.out);
await mkdir(out, { recursive: true });
const file = await profile();
const lines = topOf(JSON.parse(await readFile(file, 'utf8')), Number(options.top));
process.stdout.write(`${table(lines)}\n\n${file}\n`);

async function profile() {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-profile-'));
  const generator = startGenerator('1');
  const before = await readdir(out);
  try {
    const database = await fullSqlite(join(folder, 'databases'), TOKENS);
    const flags = ['--cpu-prof', '--cpu-prof-interval', INTERVAL_MICROSECONDS];
    const server = await startPullgate({
      name: 'profiled',
      folder: join(folder, 'server'),
      cpus: '0',
      database,
      settings: {
        ...(options['sign-each'] && SIGN_EACH),
        ...(options['wrong-secrets'] && BEHIND_A_PROXY),
      },
      withWrongSecrets: options['wrong-secrets'],
      nodeOptions: [...flags, '--cpu-prof-dir', out],
    });
    try {
      const mode = options.fresh ? FRESH : KEEP_ALIVE;
      await measure(generator, server, { mode, warmUpMs: 6000, windowMs: 8000 });
    } finally {
      await end(server.child);
    }
  } finally {
    generator.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
  const made = (await readdir(out)).find((name) => !before.includes(name));
  return join(out, made);
}

/** Function and its share of the time in which the process did something. */
function topOf({ nodes, samples, timeDeltas, startTime, endTime }, count) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const from = endTime - (endTime - startTime) * SHARE_LOOKED_AT;
  const own = new Map();
  let at = startTime;
  let total = 0;
  for (const [index, id] of samples.entries()) {
    at += timeDeltas[index];
    const { functionName, url, lineNumber } = frames.get(id);
    if (at >= from && functionName !== '(idle)') {
      const name = `${functionName || '(anonymous)'} ${shortened(url)}:${lineNumber + 1}`;
      own.set(name, (own.get(name) ?? 0) + timeDeltas[index]);
      total += timeDeltas[index];
    }
  }
  return [...own]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, count)
    .map(([name, time]) => [`${((100 * time) / total).toFixed(1)} %`, name]);
}

function shortened(url) {
  return url.replace(/^.*\/(?:node_modules|dist)\//, '');
}
