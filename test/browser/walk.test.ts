import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import {
  PAGES,
  PASSWORD,
  PROJECT,
  signOut,
  startShowcase,
  type Showcase,
} from '../support/showcase.js';

const SETTINGS = `/${PROJECT}/-/settings/repository`;
const NEW = `${SETTINGS}/deploy_tokens/new`;
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
    await page.locator('.me').waitFor();
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

      // 1. Log in. 2. Go to the project. 3. Settings › Repository. 4. Deploy Tokens is expanded.
      await signIn(page, '/users/sign_in');
      await page.getByRole('link', { name: PROJECT }).click();
      await page.getByRole('link', { name: 'Settings: Repository' }).click();
      await page.getByRole('link', { name: 'New deploy token' }).click();
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
      await page.goto(showcase.origin + SETTINGS);
      await page.getByRole('link', { name: `Revoke ${name}`, exact: true }).click();
      await page.getByRole('button', { name: `Revoke ${name}`, exact: true }).click();
      await page.getByText(`The deploy token ${name} is revoked.`).waitFor();
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
    await signIn(page, NEW);
    await page.locator('#name').fill('copied');
    await page.getByLabel('Kubernetes').check();
    expect(await page.getByLabel('read_registry').isChecked()).to.equal(true);
    await page.getByLabel('in 30 days').check();
    await page.getByText('copied pulls all images').waitFor();
    await page.getByText('until 22 December 2026').waitFor();
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

  it('complete each of several usernames, and offer none twice', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signIn(page, `/${PROJECT}/-/settings/members`);
    await page.evaluate(`document.getElementById('username-offers').innerHTML =
      '<option value="hedy"></option><option value="ida"></option>'`);
    const offers = `[...document.getElementById('username').list.options]
      .filter(({ disabled }) => !disabled).map(({ value }) => value)`;

    await page.locator('#username').pressSequentially('he');
    expect(await page.evaluate(offers)).to.deep.equal(['hedy', 'ida']);
    await page.locator('#username').pressSequentially('dy, i');
    expect(await page.evaluate(offers)).to.deep.equal(['hedy, ida']);

    await context.close();
  });

  it('show nothing private by going back after signing out', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signIn(page, SETTINGS);
    await signOut(page);

    await page.goBack();

    await page.getByLabel('Password').waitFor();
    expect(await page.content()).to.not.include('Deploy Tokens');
    await context.close();
  });

  it('keep a form that was filled in when its session ended', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signIn(page, NEW);
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
    expect(page.url()).to.equal(showcase.origin + NEW);
    expect(await page.locator('#name').inputValue()).to.equal(
      'kept <script>alert(1)</script> \u{1f510}',
    );
    expect(await page.getByLabel('read_repository').isChecked()).to.equal(true);
    await page.getByRole('button', { name: 'Create deploy token' }).click();
    await page.getByRole('heading', { name: 'Your new deploy token' }).waitFor();
    await context.close();
  });

  it('lead from sign-in to a deploy token and its end by the keyboard alone', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${showcase.origin}/users/sign_in`);
    await page.keyboard.type('ada');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('.me').waitFor();

    await press(page, 'link', PROJECT);
    await press(page, 'link', 'Settings: Repository');
    await press(page, 'link', 'New deploy token');
    await tabTo(page, 'radio', 'Kubernetes');
    await page.keyboard.press('Space');
    await tabTo(page, 'textbox', 'Name');
    await page.keyboard.type('by keyboard');
    await press(page, 'button', 'Create deploy token');
    await page.getByRole('heading', { name: 'Your new deploy token' }).waitFor();
    await press(page, 'link', 'Done, I saved the secret');
    await press(page, 'link', 'Revoke by keyboard');
    await page.getByRole('dialog').waitFor();
    expect(await isFocused(page, 'button', 'Keep it'), 'Keep it has the focus').to.equal(true);
    await press(page, 'button', 'Revoke by keyboard');

    await page.getByText('The deploy token by keyboard is revoked.').waitFor();
    await context.close();
  });

  it('ask on a page of its own without a script, where Keep it has the focus', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, SETTINGS);

    await page.getByRole('link', { name: 'Revoke staging', exact: true }).click();
    await page.getByRole('heading', { name: 'Revoke staging?' }).waitFor();

    expect(await isFocused(page, 'link', 'Keep it')).to.equal(true);
    await page.getByRole('link', { name: 'Keep it' }).click();
    await page.getByRole('heading', { name: 'Works until 26 November 2026' }).waitFor();
    await context.close();
  });

  it('sign out without a script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, '/users/sign_in');

    await signOut(page);

    await context.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`have no accessibility violation that axe finds, with every fold open too, in ${colorScheme}`, async () => {
      const axe = await readFile(AXE, 'utf8');
      const violations: string[] = [];

      await eachPage(colorScheme, async (page, name) => {
        for (const width of CHECKED_WIDTHS) {
          await page.setViewportSize({ width, height: 720 });
          for (const state of ['as it is', 'all open'] as const) {
            if (state === 'as it is' || (await openFolds(page)) > 0) {
              const found = await violationsOn(page, axe);
              violations.push(...found.map((text) => `${name}, ${width} px, ${state}: ${text}`));
            }
          }
          await closeFolds(page);
        }
      });

      expect(violations).to.deep.equal([]);
    });

    it(`are nowhere wider than the window, from 320 to 1600 px, in ${colorScheme}`, async () => {
      const wide: string[] = [];

      await eachPage(colorScheme, async (page, name) => {
        await openFolds(page);
        for (let width = 320; width <= 1600; width += 40) {
          await page.setViewportSize({ width, height: 720 });
          const overflow = await page.evaluate(OVERFLOW);
          if (overflow !== 0) {
            wide.push(`${name}, ${width} px: ${String(overflow)} px too wide`);
          }
        }
        await closeFolds(page);
      });

      expect(wide).to.deep.equal([]);
    });
  }

  async function eachPage(
    colorScheme: 'light' | 'dark',
    check: (page: Page, name: string) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext({
      colorScheme,
      reducedMotion: 'reduce',
      // The page's own policy would refuse the checker.
      bypassCSP: true,
    });
    const page = await context.newPage();
    for (const { name, open } of PAGES) {
      await page.setViewportSize({ width: 1280, height: 720 });
      await open(page, showcase);
      await check(page, name);
    }
    await context.close();
  }
});

const CHECKED_WIDTHS = [360, 1280] as const;
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
/** More than any page has to press. */
const MOST_TABS = 120;

async function violationsOn(page: Page, axe: string): Promise<string[]> {
  await page.evaluate(axe);
  const found: unknown = await page.evaluate(
    `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, any }) => id + ': ' + target + ' ' + any.map((a) => a.message).join())))`,
  );
  return [found].flat().map(String);
}

/** How many were closed. */
async function openFolds(page: Page): Promise<number> {
  return Number(
    await page.evaluate(`(() => {
      const closed = [...document.querySelectorAll('details:not([open])')];
      closed.forEach((fold) => { fold.open = true; fold.dataset.wasClosed = ''; });
      return closed.length;
    })()`),
  );
}

async function closeFolds(page: Page): Promise<void> {
  await page.evaluate(
    `document.querySelectorAll('[data-was-closed]').forEach((fold) => { fold.open = false; })`,
  );
}

type PressedRole = 'link' | 'button' | 'radio' | 'textbox';

async function isFocused(page: Page, role: PressedRole, name: string): Promise<boolean> {
  const wanted = page.getByRole(role, { name, exact: true });
  const focused = page.locator(':focus');
  return (await wanted.and(focused).count()) > 0;
}

/** Goes on by the tabulator until this has the focus. */
async function tabTo(page: Page, role: PressedRole, name: string): Promise<void> {
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    if (await isFocused(page, role, name)) {
      return;
    }
    await page.keyboard.press('Tab');
  }
  expect.fail(`the keyboard does not reach the ${role} ${name}`);
}

async function press(page: Page, role: PressedRole, name: string): Promise<void> {
  await tabTo(page, role, name);
  await page.keyboard.press('Enter');
}
