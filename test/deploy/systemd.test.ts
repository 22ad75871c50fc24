import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { settingNames } from '../../src/config/load.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const DRAIN_SECONDS = 25;

describe('pullgate.service', () => {
  let lines: string[];

  before(async () => {
    const unit = join(ROOT, 'deploy', 'systemd', 'pullgate.service');
    lines = (await readFile(unit, 'utf8')).split('\n');
  });

  function value(key: string): string {
    return lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
  }

  it('sets nothing that is no setting', () => {
    const known = ['PULLGATE_CONFIG', ...settingNames().map(({ variable }) => variable)];
    const set = lines.flatMap((line) => /^Environment=(PULLGATE_\w+)=/.exec(line)?.[1] ?? []);

    expect(set).not.to.deep.equal([]);
    expect(known).to.include.members(set);
  });

  it('is not root, cannot become root, and writes to its own folder alone', () => {
    expect(value('User')).to.equal('pullgate');
    expect(value('NoNewPrivileges')).to.equal('yes');
    expect(value('CapabilityBoundingSet')).to.equal('');
    expect(value('ProtectSystem')).to.equal('strict');
    expect(lines.filter((line) => line.startsWith('ReadWritePaths='))).to.deep.equal([]);
  });

  it('tells the main process alone to stop, and leaves it the time to finish running requests', () => {
    expect(value('KillMode')).to.equal('mixed');
    expect(Number(value('TimeoutStopSec'))).to.be.greaterThan(DRAIN_SECONDS);
  });
});
