import { expect } from 'chai';
import { Secret } from '../../src/credentials.js';
import { isSetupLink } from '../../src/services/first-administrator.js';
import { newCommandLine, type CommandLine } from '../support/command-line.js';

describe('pullgate user setup-link', () => {
  let cli: CommandLine;

  before(async () => {
    cli = await newCommandLine({ PULLGATE_HTTP_PUBLIC_URL: 'https://pullgate.example.com' });
  });

  after(async () => {
    await cli.remove();
  });

  async function isGood(link: string): Promise<boolean> {
    return await cli.inside(async (deps) => await isSetupLink(deps, new Secret(link)));
  }

  it('prints a new link each time, while there is no administrator', async () => {
    await cli.done('user create ada');
    const [one, other] = [await linkOf(), await linkOf()];

    expect(one).not.to.equal(other);
    expect([await isGood(one), await isGood(other)]).to.deep.equal([true, true]);
  });

  it('prints none once there is one, and says how to make another', async () => {
    const before = await linkOf();
    await cli.done('user set ada --admin');

    const { code, stdout, stderr } = await cli.run('user setup-link');

    expect([code, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.include('pullgate user create NAME --admin');
    expect(await isGood(before)).to.equal(false);
  });

  async function linkOf(): Promise<string> {
    const stdout = await cli.done('user setup-link');
    return /^link: https:\/\/pullgate\.example\.com\/-\/setup\/(\S+)$/m.exec(stdout)?.[1] ?? '';
  }
});
