import { chmod, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { newCommandLine, type CommandLine } from '../support/command-line.js';

const WARNING = 'other users of this host cannot read ';

describe('pullgate registry-config', () => {
  let cli: CommandLine;
  let certs: string;

  before(async () => {
    cli = await newCommandLine();
    await cli.done('keys create');
    certs = join(cli.folder, 'certs');
  });

  after(async () => {
    await cli.remove();
  });

  it('warns that a registry of another user cannot read ca.crt, and what to do', async () => {
    const { stdout, stderr } = await cli.run('registry-config');

    expect((await stat(certs)).mode & 0o077).to.equal(0);
    expect(stderr)
      .to.include(`${WARNING}${join(certs, 'ca.crt')}`)
      .and.include('--rootcertbundle');
    expect(stdout)
      .to.match(/^auth:/m)
      .and.not.include(WARNING);
  });

  for (const args of ['--rootcertbundle /etc/docker/registry/ca.crt', '--format compose']) {
    it(`does not with ${args}`, async () => {
      expect((await cli.run(`registry-config ${args}`)).stderr).not.to.include(WARNING);
    });
  }

  it('does not where everybody can read it', async () => {
    for (const folder of [certs, dirname(certs)]) {
      await chmod(folder, 0o755);
    }

    expect((await cli.run('registry-config')).stderr).not.to.include(WARNING);
  });
});
