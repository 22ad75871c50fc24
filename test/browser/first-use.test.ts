import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { imageLayout } from '../support/image.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { run, type RunResult } from '../support/run.js';
import { skopeo } from '../support/skopeo.js';

const PROJECT = 'tanuki/awesome_project';
const PASSWORD = 'correct horse battery';

/** A fresh instance as its operator meets it, and real clients with what the page displayed. */
describe('the first use, in Chromium and with real clients', () => {
  let installation: Installation;
  let browser: Browser;
  let page: Page;

  before(async () => {
    installation = await startInstallation();
    browser = await launchChromium();
    page = await (await browser.newContext()).newPage();
  });

  after(async () => {
    await browser.close();
    await installation.stop();
  });

  async function copyFrom(source: string, ...args: readonly string[]): Promise<RunResult> {
    const home = join(installation.folder, 'home');
    const target = `dir:${join(installation.folder, `copy-${Date.now()}`)}`;
    return await skopeo(home, ['copy', '--src-tls-verify=false', ...args, source, target]);
  }

  async function clone(command: string): Promise<RunResult> {
    const env = { PATH: process.env['PATH'], HOME: installation.folder, GIT_TERMINAL_PROMPT: '0' };
    const folder = join(installation.folder, `clone-${Date.now()}`);
    return await run('sh', ['-c', `${command} ${folder}`], { env });
  }

  it('goes from the link in the log to a deploy token that pulls and clones, until it is revoked', async () => {
    const link = await installation
      .service()
      .line((line) => line.includes('no administrator yet'))
      .then((line) => /"link":"([^"]+)"/.exec(line)?.[1] ?? '');

    await page.goto(link);
    await page.getByLabel('Username').fill('root');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('The same password again').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create the administrator' }).click();
    await page.getByLabel('Username').fill('root');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.getByRole('link', { name: 'New project' }).click();
    await page.getByLabel('Namespace').fill(dirname(PROJECT));
    await page.getByLabel('Name', { exact: true }).fill(basename(PROJECT));
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.getByRole('link', { name: 'Manage deploy tokens' }).click();
    await page.getByRole('link', { name: 'New deploy token' }).click();
    await page.locator('#name').fill('production');
    await page.locator('#username').fill('team+production');
    await page.getByLabel('read_registry').check();
    await page.getByLabel('read_repository').check();
    await page.getByRole('button', { name: 'Create deploy token' }).click();
    const username = await page.locator('#token-username').inputValue();
    const secret = await page.locator('#token-secret').inputValue();
    const cloneCommand = (await page.locator('#git-clone').textContent()) ?? '';

    const layout = join(installation.folder, 'layout');
    await imageLayout(layout, { tag: '1' });
    const image = `docker://${installation.host}/${PROJECT}:1`;
    const pushed = await skopeo(join(installation.folder, 'home'), [
      'copy',
      '--dest-tls-verify=false',
      '--dest-creds',
      `root:${PASSWORD}`,
      `oci:${layout}:1`,
      image,
    ]);
    expect(pushed.code, pushed.output).to.equal(0);

    const creds = ['--src-creds', `${username}:${secret}`];
    const pulled = await copyFrom(image, ...creds);
    const cloned = await clone(cloneCommand);
    expect(pulled.code, pulled.output).to.equal(0);
    expect(cloned.code, cloned.output).to.equal(0);

    await page.getByRole('link', { name: 'Done, I saved the secret' }).click();
    await page.getByRole('link', { name: 'Revoke production', exact: true }).click();
    await page.getByRole('button', { name: 'Revoke production', exact: true }).click();
    await page.getByText('The deploy token production is revoked.').waitFor();

    const pulledAgain = await copyFrom(image, ...creds);
    const clonedAgain = await clone(cloneCommand);
    expect(pulledAgain.code).to.not.equal(0);
    expect(pulledAgain.output).to.match(/unauthorized|denied|authentication required/i);
    expect(clonedAgain.code).to.not.equal(0);
    expect(installation.serviceLog()).to.not.include(secret).and.not.include(PASSWORD);
  });
});
