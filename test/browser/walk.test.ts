import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { PAGES, PASSWORD, PROJECT, startShowcase, type Showcase } from '../support/showcase.js';

const SETTINGS = `/${PROJECT}/-/settings/repository`;
const AXE = new URL(import.meta.resolve('axe-core/axe.min.js'));

describe('the pages, in Chromium', () => {
  let browser: Browser;
  let showcase: Showcase;

  before(async () => {
    showcase = await startShowcase();
    browser = await launchChromium();
  });

  after(async () => {
    await browser.close();
    await showcase.stop();
  });

  async function signIn(page: Page, path: string, username = 'ada'): Promise<void> {
    await page.goto(showcase.origin + path);
    await page.getByLabel('Username').fill(username);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  }

  /** As docker asks: the answer's status. */
  async function tokenStatus(username: string, secret: string): Promise<number> {
    const query = new URLSearchParams({
      service: 'container_registry',
      scope: `repository:${PROJECT}:pull`,
    });
    const authorization = `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
    const { status } = await fetch(`${showcase.origin}/token?${query.toString()}`, {
      headers: { authorization },
    });
    return status;
  }

  for (const javaScriptEnabled of [true, false]) {
    it(`lead from sign-in to a deploy token and its end, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
      const context = await browser.newContext({ javaScriptEnabled });
      const page = await context.newPage();
      const name = `walk ${javaScriptEnabled ? 'with' : 'without'}`;

      // 1. Log in. 2. Go to the project. 3. Settings › Repository. 4. Expand Deploy Tokens.
      await signIn(page, '/users/sign_in');
      await page.getByRole('link', { name: PROJECT }).click();
      await page.getByRole('link', { name: 'Settings: Repository' }).click();
      expect(await page.getByLabel('Expiration date').isVisible()).to.equal(false);
      await page.getByRole('heading', { name: 'Deploy Tokens', exact: true }).click();
      // 5. Name, expiry, scopes. 6. Create, and save what is shown once.
      await page.locator('#name').fill(name);
      await page.getByLabel('Expiration date').fill('2026-12-24');
      await page.getByLabel('read_registry').check();
      await page.getByRole('button', { name: 'Create deploy token' }).click();
      const username = await page.locator('#token-username').inputValue();
      const secret = await page.locator('#token-secret').inputValue();
      expect(await tokenStatus(username, secret)).to.equal(200);
      expect(page.url()).to.not.include(secret);

      await page.reload();
      expect(await page.content()).to.not.include(secret);
      expect(await page.content()).to.include('no longer shown');

      // 7. Revoke it under Active Deploy Tokens.
      await page.goto(`${showcase.origin}${SETTINGS}?show=active`);
      await page.getByRole('link', { name: `Revoke ${name}`, exact: true }).click();
      await page.getByRole('button', { name: `Revoke ${name}`, exact: true }).click();
      await page.getByText('The deploy token is revoked.').waitFor();
      expect(await tokenStatus(username, secret)).to.equal(401);
      await page.getByRole('link', { name: /Show expired and revoked/ }).click();
      await page.getByText(name).first().waitFor();
      await context.close();
    });
  }

  it('copy and download by script', async () => {
    const context = await browser.newContext({
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') {
        problems.push(message.text());
      }
    });
    await signIn(page, SETTINGS);
    await page.locator('summary').click();
    await page.locator('#name').fill('copied');
    await page.getByLabel('read_registry').check();
    await page.getByRole('button', { name: 'Create deploy token' }).click();
    const secret = await page.locator('#token-secret').inputValue();

    await page.getByRole('button', { name: 'Copy Deploy token' }).click();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download pullgate-secret.yaml' }).click();
    const download = await downloading;

    expect(copied).to.equal(secret);
    expect(download.suggestedFilename()).to.equal('pullgate-secret.yaml');
    expect(await readFile(await download.path(), 'utf8')).to.equal(
      await page.locator('#kubernetes').textContent(),
    );
    expect(problems).to.deep.equal([]);
    await context.close();
  });

  it('show nothing private by going back after signing out', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signIn(page, SETTINGS);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();

    await page.goBack();

    await page.getByLabel('Password').waitFor();
    expect(await page.content()).to.not.include('Deploy Tokens');
    await context.close();
  });

  it('keep a form that was filled in when its session ended', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signIn(page, SETTINGS);
    await page.locator('summary').click();
    await page.locator('#name').fill('kept <script>alert(1)</script> \u{1f510}');
    await page.getByLabel('read_repository').check();
    const cookies = await context.cookies();
    await context.clearCookies();
    expect(cookies).to.not.have.lengthOf(0);

    await page.getByRole('button', { name: 'Create deploy token' }).click();
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.getByText('You are signed in again.').waitFor();
    expect(page.url()).to.equal(showcase.origin + SETTINGS);
    expect(await page.locator('#name').inputValue()).to.equal(
      'kept <script>alert(1)</script> \u{1f510}',
    );
    expect(await page.getByLabel('read_repository').isChecked()).to.equal(true);
    await page.getByRole('button', { name: 'Create deploy token' }).click();
    await page.getByRole('heading', { name: 'Your new deploy token' }).waitFor();
    await context.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`have no accessibility violation that axe finds, and fit a phone, in ${colorScheme}`, async () => {
      const context = await browser.newContext({
        colorScheme,
        reducedMotion: 'reduce',
        viewport: { width: 360, height: 720 },
        // The page's own policy would refuse the checker.
        bypassCSP: true,
      });
      const page = await context.newPage();
      const axe = await readFile(AXE, 'utf8');
      const violations: string[] = [];
      for (const { name, open } of PAGES) {
        await open(page, showcase);
        await page.evaluate(axe);
        const found: unknown = await page.evaluate(
          `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
            nodes.map(({ target, any }) => id + ': ' + target + ' ' + any.map((a) => a.message).join())))`,
        );
        violations.push(...[found].flat().map((text) => `${name}: ${String(text)}`));
        const overflow = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        if (overflow !== 0) {
          violations.push(`${name}: ${String(overflow)} px too wide`);
        }
      }
      expect(violations).to.deep.equal([]);
      await context.close();
    });
  }
});
