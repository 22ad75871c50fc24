/** What one client sends on purpose, and the longest that the event loop was held up by it. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { askByGet } from '../support/token-client.js';
import { around, expectServed } from './around.js';
import type { Fault, FaultReport } from './fault.js';
import { OPEN_PROJECT, PROJECT, type Ledger, type Victim } from './victim.js';

/** Half a minute where nothing bounds them; a machine that is busy itself takes a part of this. */
const HELD_UP_SECONDS = 2;
const FLOODS_MS = 4000;
const PIPELINED = 'GET /api/v4/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1200);
const FETCHES = 8;
const FETCH_HEADERS =
  `POST /${OPEN_PROJECT}.git/git-upload-pack HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n` +
  'Content-Type: application/x-git-upload-pack-request\r\n\r\n';
const REVOCATIONS = 10;
const ASKING = 8;

/** 64 kB of requests on one connection after the other, each answered as if it were alone. */
export const pipelined: Fault = {
  name: 'pipelined requests',
  async happen() {
    return await flooded(async (victim, signal) => {
      let connections = 0;
      while (!signal.aborted) {
        await sent(victim, PIPELINED, signal);
        connections += 1;
      }
      return `${connections} connections with 1200 requests each`;
    });
  },
};

/** Bodies of fetches that come byte by byte, one of which held a place of git's for an hour. */
export const slowFetches: Fault = {
  name: 'slow bodies of fetches',
  async happen() {
    return await flooded(async (victim, signal) => {
      const fetches = Array.from({ length: FETCHES }, async () => {
        while (!signal.aborted) {
          await sent(victim, FETCH_HEADERS, signal);
        }
      });
      const info = `${victim.origin}/${OPEN_PROJECT}.git/info/refs?service=git-upload-pack`;
      await pause(FLOODS_MS / 2);
      expect((await fetch(info)).status, 'somebody else’s clone').to.equal(200);
      await Promise.all(fetches);
      return `${FETCHES} at a time, and a clone beside them`;
    });
  },
};

/** Requests before, while and after a token is revoked: none that began after it gets anything. */
export const revokedBetweenRequests: Fault = {
  name: 'revocations between requests',
  async happen() {
    return await around(async (victim, ledger) => {
      const client = await victim.signIn();
      let asked = 0;
      for (let revocation = 0; revocation < REVOCATIONS; revocation += 1) {
        const { login, revoke } = await ledger.newToken(client);
        let isRevoked = false;
        const over = new AbortController();
        const asking = Array.from({ length: ASKING }, async () => {
          while (!over.signal.aborted) {
            const beganRevoked = isRevoked;
            const scopes = [`repository:${PROJECT}:pull`];
            const { status } = await askByGet(victim.origin, { login, scopes });
            asked += 1;
            expect(beganRevoked && status === 200, 'let in once it was revoked').to.equal(false);
          }
        });
        await pause(50);
        await revoke();
        isRevoked = true;
        await pause(50);
        over.abort();
        await Promise.all(asking);
      }
      return `${REVOCATIONS} tokens, ${asked} requests around their revocation`;
    });
  },
};

/** Others are served meanwhile, and nothing holds the event loop up. */
async function flooded(
  flood: (victim: Victim, signal: AbortSignal) => Promise<string>,
): Promise<FaultReport> {
  return await around(async (victim: Victim, ledger: Ledger) => {
    await victim.heldUpSeconds();
    const signal = AbortSignal.timeout(FLOODS_MS);
    const flooding = flood(victim, signal);
    while (!signal.aborted) {
      await expectServed(victim, ledger.newest());
    }
    const did = await flooding;
    const heldUp = await victim.heldUpSeconds();
    expect(heldUp, 'seconds that the event loop was held up').to.be.below(HELD_UP_SECONDS);
    return `${did}; held up for ${Math.round(heldUp * 1000)} ms at the most`;
  });
}

/** Until the service closes the connection, or it is over. */
async function sent({ origin }: Victim, text: string, signal: AbortSignal): Promise<void> {
  const socket: Socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.on('error', () => undefined).resume();
  const closed = once(socket, 'close');
  function stop(): void {
    socket.destroy();
  }
  signal.addEventListener('abort', stop);
  socket.write(text);
  await closed;
  signal.removeEventListener('abort', stop);
}
