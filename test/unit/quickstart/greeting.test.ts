import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { greetingProgram, type Architecture } from '../../../src/quickstart/greeting.js';
import { definedWhere } from '../../support/defined-where.js';
import { run, temporaryFolder } from '../../support/run.js';

const OWN: Partial<Record<string, Architecture>> = { x64: 'amd64', arm64: 'arm64' };
const TEXT = 'Hello, wörld.\n';

describe('the program that greets', () => {
  const own = OWN[process.arch] ?? 'amd64';
  const isOurs = process.platform === 'linux' && process.arch in OWN;
  definedWhere(isOurs, { tests: 'the program that greets', need: 'Linux on x64 or arm64' }, () => {
    it('runs here, and writes its text', async () => {
      const folder = await temporaryFolder('pullgate-greeting');
      const file = join(folder.path, 'hello');
      await writeFile(file, greetingProgram(TEXT, own), { mode: 0o755 });

      const { code, stdout, stderr } = await run(file, []);

      await folder.remove();
      expect({ code, stdout, stderr }).to.deep.equal({ code: 0, stdout: TEXT, stderr: '' });
    });
  });

  it('has the code for arm64 that an assembler makes of it', () => {
    const program = Buffer.from(greetingProgram(TEXT, 'arm64'));

    const code = program.subarray(120, -Buffer.byteLength(TEXT));
    expect(code.toString('hex').replaceAll(/(.{8})/g, '$1 ')).to.equal(
      '200080d2 e1000010 e20180d2 080880d2 010000d4 000080d2 a80b80d2 010000d4 ',
    );
    expect(program.subarray(-Buffer.byteLength(TEXT)).toString()).to.equal(TEXT);
  });

  it('takes no text that one instruction cannot measure', () => {
    expect(() => greetingProgram('x'.repeat(0x1_00_00), 'arm64')).to.throw('65535 bytes');
  });
});
