import { expect } from 'chai';
import { temporaryFolder, type TemporaryFolder } from '../support/run.js';
import { parserTargets } from './parsers.js';
import type { FuzzResult, FuzzTarget } from './target.js';
import { doorTargets } from './targets.js';
import { startWorld, type World } from './world.js';

/** Another one every day: what fails is repeated with the seed in its message. */
const SEED = Math.floor(Date.now() / (24 * 60 * 60 * 1000));
const PARSER_RUNS = 300;
const DOOR_RUNS = 150;

describe('fuzzing, a short run', () => {
  let world: World;
  let folder: TemporaryFolder;

  before(async () => {
    folder = await temporaryFolder('pullgate-fuzz');
    world = await startWorld();
  });

  after(async () => {
    await world.stop();
    await folder.remove();
  });

  it('finds no parser that throws, and none that reads nothing', async () => {
    const results = await runAll(parserTargets(folder.path), PARSER_RUNS);

    for (const [name, { outcomes }] of results) {
      expect(outcomes.get('read') ?? 0, name).to.be.greaterThan(0);
    }
  });

  it('finds no door that fails, hangs, tells a secret or grants beyond the table', async () => {
    const results = await runAll(await doorTargets(world), DOOR_RUNS);

    world.checkLog();
    // A run that is refused everywhere would prove nothing.
    for (const [name, outcome] of [
      ['token door: scopes', 'granted something'],
      ['git door', 'advertised'],
      ['pages', 'shown'],
      ['API: reading', 'answered 200'],
      ['API: writing', 'changed something'],
      ['forms', 'changed something'],
    ] as const) {
      expect(results.get(name)?.outcomes.get(outcome) ?? 0, name).to.be.greaterThan(0);
    }
  });
});

async function runAll(
  targets: readonly FuzzTarget[],
  runs: number,
): Promise<Map<string, FuzzResult>> {
  const results = new Map<string, FuzzResult>();
  for (const target of targets) {
    const result = await target.run({ seed: SEED, runs });
    if (result.failure !== null) {
      throw new Error(`${target.name}, seed ${SEED}: ${result.failure}`);
    }
    results.set(target.name, result);
  }
  return results;
}
