import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ownVersion } from '../../../src/version.js';
import { run } from '../../support/run.js';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const MAIN = join(ROOT, 'dist', 'src', 'main.js');

describe("the program's first line", () => {
  let interpreter: string;

  before(async () => {
    const [first = ''] = (await readFile(MAIN, 'utf8')).split('\n', 1);
    interpreter = first.replace(/^#!/, '');
  });

  it('runs it, with options that this node knows', async () => {
    // As the kernel does: all after the first blank is one argument.
    const [, env = '', options = ''] = /^(\S+) (.*)$/.exec(interpreter) ?? [];

    const result = await run(env, [options, MAIN, '--version']);

    expect(result).to.include({ code: 0, stderr: '', stdout: `${ownVersion()}\n` });
  });

  it('has the same options of node as the systemd unit', async () => {
    const unit = await readFile(join(ROOT, 'deploy', 'systemd', 'pullgate.service'), 'utf8');
    const command = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '';

    expect(optionsIn(interpreter)).not.to.deep.equal([]);
    expect(optionsIn(command)).to.deep.equal(optionsIn(interpreter));
  });
});

function optionsIn(command: string): string[] {
  return command.split(' ').filter((word) => word.startsWith('--'));
}
