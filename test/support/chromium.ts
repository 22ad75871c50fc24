import { chromium, type Browser } from 'playwright-core';

/** A headless Chromium with an empty profile. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env['PULLGATE_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
