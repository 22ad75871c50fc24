import { expect } from 'chai';
import { z } from 'zod';
import { pullgate } from '../support/pullgate-process.js';
import { temporaryFolder, type RunResult, type TemporaryFolder } from '../support/run.js';

const Printed = z.object({ visibility: z.string(), default_branch: z.string() });

describe('pullgate project set', () => {
  let home: TemporaryFolder;

  before(async () => {
    home = await temporaryFolder('pullgate-settings');
    await cli('migrate');
    await cli('project create tanuki/app --default-branch trunk');
  });

  after(async () => {
    await home.remove();
  });

  async function cli(line: string): Promise<RunResult> {
    return await pullgate(line.split(' '), { cwd: home.path });
  }

  it('changes one setting and leaves the others', async () => {
    const made = await cli('project show tanuki/app --json');
    await cli('project set tanuki/app --visibility public');
    const changed = await cli('project set tanuki/app --default-branch next --json');

    expect([made, changed].map(({ stdout }) => Printed.parse(JSON.parse(stdout)))).to.deep.equal([
      { visibility: 'private', default_branch: 'trunk' },
      { visibility: 'public', default_branch: 'next' },
    ]);
  });

  it('refuses what is no branch, and being told nothing', async () => {
    const refused = await cli('project set tanuki/app --default-branch a..b');
    const wrong = await cli('project set tanuki/app');

    expect([refused.code, wrong.code]).to.deep.equal([1, 2]);
    expect(refused.stderr).to.contain('A branch cannot have this name.');
    expect(wrong.stderr).to.contain('give --visibility or --default-branch');
  });
});
