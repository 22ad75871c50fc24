import { join } from 'node:path';
import { expect } from 'chai';
import { run, temporaryFolder } from '../support/run.js';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.js');

describe('the command line, in a pipe that nobody reads', () => {
  it('does its work and does not crash', async () => {
    const folder = await temporaryFolder('pullgate-closed-output-');
    const options = {
      cwd: folder.path,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder.path },
    };
    const pipe = '"$0" "$1" project create tanuki/app | true; exit "${PIPESTATUS[0]}"';

    const created = await run('bash', ['-c', pipe, process.execPath, MAIN], options);
    const list = await run(process.execPath, [MAIN, 'project', 'list'], options);
    await folder.remove();

    expect(created.stderr).to.equal('');
    expect(created.code).to.equal(0);
    expect(list.stdout).to.include('tanuki/app');
  });
});
