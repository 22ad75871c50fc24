/**
 * `npm run screenshots`: every page, in light and dark, on a phone and on a desk, into
 * data/screenshots/, which git ignores; those that a document shows are replaced in docs/screenshots/.
 * Needs Chromium; the service runs in this process, on a throw-away database.
 */

import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { say } from './setup.mjs';
import { PAGES, startShowcase } from '../dist/test/support/showcase.js';

const FOLDER = 'data/screenshots';
const SHOWN = 'docs/screenshots';
const WIDTHS = [360, 1280];
const SCHEMES = ['light', 'dark'];
const MAX_HEIGHT = 1600;

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const showcase = await startShowcase();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
});
try {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 720 } });
      const page = await context.newPage();
      for (const shown of PAGES) {
        await shown.open(page, showcase);
        const height = await page.evaluate('document.documentElement.scrollHeight');
        await page.screenshot({
          path: `${FOLDER}/${shown.name}-${colorScheme}-${width}.png`,
          fullPage: true,
          clip: { x: 0, y: 0, width, height: Math.min(height, MAX_HEIGHT) },
          animations: 'disabled',
        });
      }
      await context.close();
      say(`${colorScheme}, ${width} px: ${PAGES.length} pages`);
    }
  }
} finally {
  await browser.close();
  await showcase.stop();
}
for (const name of readdirSync(SHOWN)) {
  copyFileSync(`${FOLDER}/${name}`, `${SHOWN}/${name}`);
}
