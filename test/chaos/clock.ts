import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { askByGet, decodeClaims, tokenAnswer, type Login } from '../support/token-client.js';
import type { WebClient } from '../support/web-client.js';
import type { Fault } from './fault.js';
import { CLOCK_FILE } from './shift-clock-file.js';
import { newLedger, prepareVictim, PROJECT, type Victim } from './victim.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const JUMPS = [10, 0, -10, 0, 400, 0] as const;
const SETTINGS = `/${PROJECT}/-/settings/repository`;

/** The clock of the service jumps by days, there and back, as a broken time server makes it. */
export const clockJump: Fault = {
  name: 'clock jump',
  async happen() {
    const victim = await prepareVictim();
    const ledger = newLedger();
    const clockFile = join(victim.folder, 'clock');
    const preload = new URL('shift-clock.js', import.meta.url).href;
    const nodeOptions = `${process.env['NODE_OPTIONS'] ?? ''} --import=${preload}`.trim();
    try {
      await victim.start({ NODE_OPTIONS: nodeOptions, [CLOCK_FILE]: clockFile });
      const client = await victim.signIn();
      const mortal = await tokenUntil(client, new Date(Date.now() + 3 * DAY_MS));
      await client.get(`${SETTINGS}/deploy_tokens/new`);
      expect(await ledger.writeOne(client)).to.equal(true);

      for (const days of JUMPS) {
        await jump(victim, clockFile, days * DAY_MS);
        const asked = await askByGet(victim.origin, { login: mortal });
        expect(asked.status, `${days} days`).to.equal(days > 3 ? 401 : 200);
        await expectTimesOf(victim, ledger.newest(), days * DAY_MS);
      }
      expect(await ledger.writeOne(await victim.signIn())).to.equal(true);
      const lost = await ledger.countLost(victim.origin);
      return { did: `${JUMPS.length} jumps of up to 400 days`, lost };
    } finally {
      await victim.end();
    }
  },
};

async function jump(victim: Victim, file: string, milliseconds: number): Promise<void> {
  await writeFile(file, String(milliseconds));
  const before = victim.log().split('"clock shifted"').length;
  process.kill(victim.pid(), 'SIGUSR2');
  while (victim.log().split('"clock shifted"').length === before) {
    // Time passes: an answer of the service lets it get to the signal.
    await (await fetch(`${victim.origin}/-/health`)).text();
  }
}

/** A JWT begins before it ends, and says the time of the service. */
async function expectTimesOf(victim: Victim, login: Login, shiftMs: number): Promise<void> {
  const answer = await askByGet(victim.origin, { login });
  const { nbf, iat, exp } = decodeClaims(tokenAnswer('GET', answer).token);
  const drift = Math.abs(iat * 1000 - (Date.now() + shiftMs));

  expect(drift).to.be.lessThan(DAY_MS / 2);
  expect([nbf < iat, iat < exp]).to.deep.equal([true, true]);
}

async function tokenUntil(client: WebClient, end: Date): Promise<Login> {
  const { html } = await client.submit(`${SETTINGS}/deploy_tokens/new`, {
    name: 'mortal',
    scopes: 'read_registry',
    expires_at: end.toISOString().slice(0, 10),
  });
  const secret = /gldt-[\w-]{32}/.exec(html)?.[0] ?? '';
  const username = /deploy-token-\d+/.exec(html)?.[0] ?? '';
  expect(secret).not.to.equal('');
  return { username, secret };
}
