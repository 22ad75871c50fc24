/**
 * `npm run fuzz -- --minutes N [--seed S] [--target NAME]`: tries every parser and every door with new
 * inputs, round after round. The seed of a failure repeats its round.
 */

import { parseArgs } from 'node:util';
import { z } from 'zod';
import { temporaryFolder } from '../support/run.js';
import { parserTargets } from './parsers.js';
import type { FuzzResult, FuzzTarget } from './target.js';
import { doorTargets } from './targets.js';
import { startWorld } from './world.js';

const PARSER_RUNS = 2000;
const DOOR_RUNS = 300;

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, target: { type: 'string' } },
});
const minutes = z.coerce.number().positive().optional().parse(values.minutes);
const firstSeed = z.coerce
  .number()
  .int()
  .default(Date.now() % 2 ** 31)
  .parse(values.seed);
const end = Date.now() + (minutes ?? 0) * 60_000;

const totals = new Map<string, { runs: number; outcomes: Map<string, number> }>();
let rounds = 0;
let failure: string | null = null;
do {
  // A seed alone repeats one round.
  failure = await round(firstSeed + rounds);
  rounds += 1;
  if (process.stderr.isTTY) {
    process.stderr.write(`Round ${rounds}: seed ${firstSeed + rounds - 1}\n`);
  }
} while (failure === null && Date.now() < end);

for (const [name, { runs, outcomes }] of totals) {
  const counts = Array.from(outcomes).sort(([, one], [, other]) => other - one);
  const listed = counts.map(([outcome, count]) => `${outcome} ${count}`).join(', ');
  process.stdout.write(`${name}: ${runs} (${listed})\n`);
}
const inputs = Array.from(totals.values(), ({ runs }) => runs).reduce((sum, runs) => sum + runs, 0);
process.stdout.write(
  `${rounds} rounds from seed ${firstSeed}, ${inputs} inputs, ${failure === null ? 'no failure' : 'a failure'}\n`,
);
if (failure !== null) {
  process.stderr.write(`${failure}\n`);
  process.exitCode = 1;
}

/** A world of its own for each round, since forms change it. */
async function round(seed: number): Promise<string | null> {
  const folder = await temporaryFolder('pullgate-fuzz');
  const world = await startWorld();
  try {
    const targets = [...parserTargets(folder.path), ...(await doorTargets(world))];
    for (const target of targets.filter(({ name }) => (values.target ?? name) === name)) {
      const result = await run(target, seed);
      if (result.failure !== null) {
        return `${result.failure}\nRepeat it with: npm run fuzz -- --seed ${seed} --target ${JSON.stringify(target.name)}`;
      }
    }
    world.checkLog();
    return null;
  } finally {
    await world.stop();
    await folder.remove();
  }
}

async function run(target: FuzzTarget, seed: number): Promise<FuzzResult> {
  const runs = target.name.startsWith('parser:') ? PARSER_RUNS : DOOR_RUNS;
  const result = await target.run({ seed, runs });
  const total = totals.get(target.name) ?? { runs: 0, outcomes: new Map<string, number>() };
  total.runs += result.runs;
  for (const [outcome, count] of result.outcomes) {
    total.outcomes.set(outcome, (total.outcomes.get(outcome) ?? 0) + count);
  }
  totals.set(target.name, total);
  return result;
}
