/** Connections in numbers, and ones that never get to the point. */

import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { askByGet, SERVICE } from '../support/token-client.js';
import { around, expectServed } from './around.js';
import { limit, type Fault } from './fault.js';
import type { Ledger, Victim } from './victim.js';

const IDLE = 2000;
const DRIPPING = 200;
const DRIP_MS = 500;
/** What the service needs beside its connections while it has no more. */
const SPARE_DESCRIPTORS = 5;
const CROWD = 60;
/** As long as Node leaves a client for its headers, and it looks every half minute. */
const HEADERS_MS = 100_000;
const BODY_MS = 60_000;

const REQUEST_LINE = `GET /token?service=${SERVICE} HTTP/1.1\r\n`;
const POST_HEADERS =
  'POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
  'Content-Length: 10000\r\n\r\n';

export const descriptorsExhausted: Fault = {
  name: 'no file descriptor left',
  async happen() {
    return await around(async (victim, ledger) => {
      const open = await readdir(`/proc/${victim.pid()}/fd`);
      await limit(victim.pid(), `--nofile=${open.length + SPARE_DESCRIPTORS}:`);
      const login = ledger.newest();
      const answers = await Promise.all(
        Array.from({ length: CROWD }, async () => {
          return await askByGet(victim.origin, { login }).then(
            ({ status }) => status,
            () => 'cut off' as const,
          );
        }),
      );
      await limit(victim.pid(), '--nofile=20000:');
      const served = answers.filter((status) => status === 200).length;
      const cutOff = answers.filter((status) => status === 'cut off').length;
      expect(served + cutOff, answers.join()).to.be.greaterThan(0);
      return `${CROWD} requests at once, ${served} served, ${cutOff} cut off, ${CROWD - served - cutOff} told to come again`;
    });
  },
};

export const idleConnections: Fault = {
  name: `${IDLE} idle connections`,
  async happen() {
    return await around(async (victim, ledger) => {
      const before = await residentMegabytes(victim.pid());
      const sockets = await openSockets(victim, IDLE, '');
      await expectServed(victim, ledger.newest());
      const megabytes = (await residentMegabytes(victim.pid())) - before;
      const left = sockets.filter(({ destroyed }) => !destroyed).length;
      closeAll(sockets);
      return `${IDLE} opened, ${left} still open, ${megabytes} MB more`;
    });
  },
};

/** Bodies that come byte by byte: cut off after the deadline for forms. */
export const slowBodies: Fault = {
  name: 'slow bodies',
  async happen() {
    return await around(async (victim, ledger) => await drip(victim, ledger, POST_HEADERS));
  },
};

/** Headers that come byte by byte: cut off once Node has waited long enough. */
export const slowHeaders: Fault = {
  name: 'slow headers',
  isLong: true,
  async happen() {
    return await around(async (victim, ledger) => await drip(victim, ledger, REQUEST_LINE));
  },
};

async function drip(victim: Victim, ledger: Ledger, beginning: string): Promise<string> {
  const sockets = await openSockets(victim, DRIPPING, beginning);
  const stopDripping = new AbortController();
  const dripping = dripInto(sockets, stopDripping.signal);
  await expectServed(victim, ledger.newest());
  const patience = beginning === REQUEST_LINE ? HEADERS_MS : BODY_MS;
  const closed = await Promise.race([
    Promise.all(sockets.map(async (socket) => await closing(socket))).then(() => 'all' as const),
    pause(patience, 'some' as const, { ref: false }),
  ]);
  stopDripping.abort();
  await dripping;
  const left = sockets.filter(({ destroyed }) => !destroyed).length;
  closeAll(sockets);
  expect(closed, `${left} of ${DRIPPING} still open`).to.equal('all');
  return `${DRIPPING} dripping, all cut off, others served meanwhile`;
}

async function dripInto(sockets: readonly Socket[], stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    for (const socket of sockets.filter(({ writable }) => writable)) {
      socket.write('a');
    }
    await pause(DRIP_MS);
  }
}

async function closing(socket: Socket): Promise<void> {
  if (!socket.destroyed) {
    await once(socket, 'close');
  }
}

async function openSockets(
  { origin }: Victim,
  count: number,
  beginning: string,
): Promise<Socket[]> {
  const port = Number(new URL(origin).port);
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count; opened += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.resume();
    socket.write(beginning);
    sockets.push(socket);
  }
  return sockets;
}

function closeAll(sockets: readonly Socket[]): void {
  for (const socket of sockets) {
    socket.destroy();
  }
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}
