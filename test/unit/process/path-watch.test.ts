import { expect } from 'chai';
import type { Finding } from '../../../src/doctor/examine.js';
import { createLog } from '../../../src/log.js';
import { watchPath, type PathWatch } from '../../../src/process/path-watch.js';

const SERVICE: Finding = {
  check: 'service',
  problem: 'the service is another one',
  clients: 'unsupported',
  change: 'service: container_registry',
};
const NO_GIT: Finding = { ...SERVICE, check: 'git', problem: 'no git' };

describe('watchPath', () => {
  let lines: string;
  let found: readonly Finding[];
  let watch: PathWatch;

  beforeEach(() => {
    lines = '';
    found = [];
    const log = createLog('info', {
      write(line) {
        lines += line;
      },
    });
    watch = watchPath({ log }, async () => await Promise.resolve(found));
  });

  async function look(findings: readonly Finding[], stopping = new AbortController().signal) {
    found = findings;
    lines = '';
    await watch.background.work(stopping);
    return lines;
  }

  it('knows nothing before it has looked', () => {
    expect(watch.isOpen()).to.equal(null);
    expect(watch.findings()).to.equal(null);
  });

  it('warns of what is found, with what clients see and the line to change, once', async () => {
    const first = await look([SERVICE]);
    const second = await look([SERVICE]);

    expect(first).to.contain('"level":"warn"').and.contain(SERVICE.problem);
    expect(first).to.contain('"clients":"unsupported"').and.contain(SERVICE.change);
    expect(second).to.equal('');
    expect(watch.isOpen()).to.equal(false);
    expect(watch.findings()).to.deep.equal([SERVICE]);
  });

  it('says when the way is open again, and says nothing where it always was', async () => {
    expect(await look([])).to.equal('');
    await look([SERVICE]);
    expect(await look([NO_GIT])).to.contain('the registry takes what is signed here');
    expect(watch.isOpen()).to.equal(true);
  });

  it('believes nothing that it saw while the service was stopping', async () => {
    expect(await look([SERVICE], AbortSignal.abort())).to.equal('');
    expect(watch.isOpen()).to.equal(null);
  });
});
