import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { withApp } from '../support/with-app.js';
import { basic, send, SERVICE } from '../support/token-client.js';
import { eventually } from '../support/run.js';
import { linesOf, requestLine } from './app-data.js';

/** More than the 511 that Node has Linux keep for a server. */
const AT_ONCE = 700;
const LOOKS = 50;
const LOOK_PAUSE_MS = 20;
const NOTHING = new Int32Array(new SharedArrayBuffer(4));

describe('connections', () => {
  const app = withApp();

  it('finds room for all nodes of a cluster that connect at one moment', async () => {
    let waiting = 0;
    const sockets = Array.from({ length: AT_ONCE }, () => connect(app.service.port, '127.0.0.1'));
    // This process is the server, too, and takes none of them before this turn is over.
    process.nextTick(() => {
      waiting = mostWaiting(app.service.port);
    });
    await happensToAll(sockets, 'connect');
    sockets.forEach((socket) => socket.destroy());
    await happensToAll(sockets, 'close');

    expect(waiting).to.equal(AT_ONCE);
  });

  it('keeps a connection for longer than the proxies in front of it do', async () => {
    const { headers } = await send(app.origin, {
      method: 'GET',
      target: '/-/health',
      headers: { connection: 'keep-alive' },
    });

    const seconds = /^timeout=(\d+)$/.exec(String(headers['keep-alive']))?.[1];
    expect(Number(seconds)).to.be.greaterThan(120);
  });

  it('lets go of every request of a connection that ends before the answer to the first', async () => {
    const password = basic({ username: 'nobody', secret: 'guessed' });
    const requests = [
      // Takes its time, as every guessed password does.
      `GET /token?service=${SERVICE} HTTP/1.1\r\nHost: a\r\nAuthorization: ${password}\r\n`,
      'GET /-/health?behind=1 HTTP/1.1\r\nHost: a\r\nUser-Agent: pipelined\r\n',
      'GET /-/health?behind=2 HTTP/1.1\r\nHost: a\r\nUser-Agent: pipelined\r\n',
    ];
    const socket = connect(app.service.port, '127.0.0.1');
    await once(socket, 'connect');

    socket.write(requests.map((request) => `${request}\r\n`).join(''), () => {
      socket.resetAndDestroy();
    });

    await eventually(
      'a line for each of both that never had their turn',
      async () => linesOf(app).filter(({ userAgent }) => userAgent === 'pipelined'),
      (lines) => lines.length === 2 && lines.every(({ msg }) => msg === 'request'),
    );
  });

  // One connection, one slow request, and thousands of others right behind it, none of which can be
  // answered before it. Each was worked at and kept for as long as the first one took, and nothing
  // bounded how many. No client of ours has more than a few behind each other.
  it('ends one that sends hundreds of requests before it has an answer', async () => {
    const password = basic({ username: 'nobody', secret: 'another guess' });
    const slow = `GET /token?service=${SERVICE} HTTP/1.1\r\nHost: a\r\nAuthorization: ${password}\r\n\r\n`;
    const other = 'GET /-/health HTTP/1.1\r\nHost: a\r\nUser-Agent: flood\r\n\r\n';
    const socket = connect(app.service.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    await once(socket, 'connect');

    socket.end(slow + other.repeat(5000));
    await closed;

    const answer = await send(app.origin, { method: 'GET', target: '/-/health' });
    await requestLine(app, answer.headers['x-request-id']);
    const served = linesOf(app).filter(({ userAgent }) => userAgent === 'flood');
    expect(served.length).to.be.within(1, 100);
  });
});

async function happensToAll(sockets: readonly Socket[], event: 'connect' | 'close'): Promise<void> {
  await Promise.all(
    sockets.map(async (socket) => {
      await once(socket, event);
    }),
  );
}

/** Blocks, so that nobody accepts, until all wait to be accepted or no more of them come. */
function mostWaiting(port: number): number {
  let waiting = 0;
  for (let look = 0; waiting < AT_ONCE && look < LOOKS; look += 1) {
    Atomics.wait(NOTHING, 0, 0, LOOK_PAUSE_MS);
    waiting = acceptQueue(port);
  }
  return waiting;
}

/** How many connections to the listening port are established and not yet accepted: proc(5), /proc/net/tcp. */
function acceptQueue(port: number): number {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const listener = new RegExp(`^ *\\d+: 0100007F:${hexPort} 00000000:0000 0A \\w+:(\\w+) `, 'm');
  const [, queue = ''] = listener.exec(readFileSync('/proc/net/tcp', 'utf8')) ?? [];
  return Number.parseInt(queue, 16);
}
