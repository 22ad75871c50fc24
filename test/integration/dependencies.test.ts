import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { run, temporaryFolder, type RunResult, type TemporaryFolder } from '../support/run.js';

const SCRIPTS = fileURLToPath(new URL('../../../scripts/', import.meta.url));

describe('the checks of dependencies', () => {
  let folder: TemporaryFolder;

  before(async () => {
    folder = await temporaryFolder('pullgate-dependencies');
  });

  after(async () => {
    await folder.remove();
  });

  async function licences(packages: object): Promise<RunResult> {
    const file = join(folder.path, 'package-lock.json');
    await writeFile(file, JSON.stringify({ packages }));
    return await run(process.execPath, [join(SCRIPTS, 'licenses.mjs'), file]);
  }

  async function audit(report: string): Promise<RunResult> {
    const npm = join(folder.path, 'npm.cjs');
    await writeFile(npm, `process.stdout.write(${JSON.stringify(report)})`);
    return await run(process.execPath, [join(SCRIPTS, 'audit.mjs')], {
      env: { PATH: process.env['PATH'], npm_execpath: npm },
    });
  }

  for (const [what, entry, isFine] of [
    ['MIT', { license: 'MIT' }, true],
    ['a choice that holds a good one', { license: '(MIT OR GPL-3.0)' }, true],
    ['the GPL', { license: 'GPL-3.0' }, false],
    ['the GPL beside another', { license: 'MIT AND GPL-3.0' }, false],
    ['no licence', {}, false],
    ['the MPL in what is passed on', { license: 'MPL-2.0' }, false],
    ['the MPL in what only tests', { license: 'MPL-2.0', dev: true }, true],
  ] as const) {
    it(`${isFine ? 'take' : 'refuse'} ${what}, and name the package`, async () => {
      const { code, stderr } = await licences({ '': {}, 'node_modules/@some/thing': entry });

      expect(code, stderr).to.equal(isFine ? 0 : 1);
      expect(stderr.includes('@some/thing')).to.equal(!isFine);
    });
  }

  for (const [severity, code] of [
    ['critical', 1],
    ['high', 1],
    ['moderate', 0],
  ] as const) {
    it(`end with ${code} for a known weakness that is ${severity}`, async () => {
      const vulnerabilities = { thing: { name: 'thing', severity, range: '<2' } };
      const metadata = { vulnerabilities: { [severity]: 1 } };

      const result = await audit(JSON.stringify({ vulnerabilities, metadata }));

      expect(result.code).to.equal(code);
      expect(result.stderr).to.contain(`${severity}: thing <2`);
    });
  }

  for (const [what, report] of [
    ['refuses', '{"message":"405 Method Not Allowed","statusCode":405}'],
    ['says nothing', ''],
  ] as const) {
    it(`say aloud that nothing was audited where the package registry ${what}`, async () => {
      const { code, stderr } = await audit(report);

      expect(code).to.equal(0);
      expect(stderr).to.contain('NOT AUDITED');
    });
  }
});
