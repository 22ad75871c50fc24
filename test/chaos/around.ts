import { expect } from 'chai';
import { askByGet, type Login } from '../support/token-client.js';
import type { FaultReport } from './fault.js';
import { newLedger, prepareVictim, type Ledger, type Victim } from './victim.js';

const REQUESTS = 20;

/** Starts a service with one token, harms it, and sees it well again. */
export async function around(
  harm: (victim: Victim, ledger: Ledger) => Promise<string>,
): Promise<FaultReport> {
  const victim = await prepareVictim();
  const ledger = newLedger();
  try {
    await victim.start();
    await ledger.writeOne(await victim.signIn());
    const did = await harm(victim, ledger);
    await expectServed(victim, ledger.newest());
    expect(await ledger.writeOne(await victim.signIn())).to.equal(true);
    const lost = await ledger.countLost(victim.origin);
    expect(await victim.stop(), 'a graceful end').to.equal(0);
    return { did, lost };
  } finally {
    await victim.end();
  }
}

export async function expectServed({ origin }: Victim, login: Login): Promise<void> {
  for (let request = 0; request < REQUESTS; request += 1) {
    expect((await askByGet(origin, { login })).status).to.equal(200);
  }
}
