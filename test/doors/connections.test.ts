import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { startApp } from '../support/start-app.js';
import { withApp } from '../support/with-app.js';
import { basic, send, SERVICE } from '../support/token-client.js';
import { eventually } from '../support/run.js';
import { linesOf, requestLine } from './app-data.js';

/** More than the 511 that Node has Linux keep for a server. */
const AT_ONCE = 700;
/** Requests that wait for the answer to the one in front of them. */
const MOST_BEHIND = 16;
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

  it('works at no request of a connection that ends before the answer to the first', async () => {
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
      'the line of the first',
      async () => linesOf(app).filter(({ status }) => status === 499),
      (lines) => lines.length > 0,
    );
    expect(linesOf(app).filter(({ userAgent }) => userAgent === 'pipelined')).to.deep.equal([]);
  });

  /** All that comes back for what is sent, until the service hangs up. */
  async function exchange(requests: string): Promise<string> {
    const socket = connect(app.service.port, '127.0.0.1');
    let received = '';
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (text) => (received += String(text)));
    socket.write(requests);
    await new Promise((resolve) => {
      socket.once('close', resolve);
    });
    return received;
  }

  // 64 kB on one connection of a stranger: a thousand requests for the description of the API, each of
  // which took 28 ms to make. All of them were worked at in one turn, and for 31 seconds nobody else had
  // an answer. One is worked at at a time, and a connection ends that sends many before it has one.
  it('ends one that sends a thousand requests before it has an answer, and works at few', async () => {
    const request = 'GET /api/v4/openapi.json HTTP/1.1\r\nHost: a\r\nUser-Agent: flood\r\n\r\n';

    await exchange(request.repeat(Math.floor(65_536 / request.length)));

    const answer = await send(app.origin, { method: 'GET', target: '/-/health' });
    await requestLine(app, answer.headers['x-request-id']);
    const served = linesOf(app).filter(({ userAgent }) => userAgent === 'flood');
    expect(served.length).to.be.at.most(MOST_BEHIND + 1);
  });

  it('are as many at a time as are configured, and no more', async () => {
    const limited = await startApp({ env: { PULLGATE_HTTP_MAX_CONNECTIONS: '10' } });
    const held = Array.from({ length: 10 }, () => connect(limited.service.port, '127.0.0.1'));
    await happensToAll(held, 'connect');
    const oneMore = connect(limited.service.port, '127.0.0.1').on('error', () => undefined);
    await happensToAll([oneMore], 'close');

    held[0]?.destroy();
    await eventually(
      'an answer once one of them has gone',
      async () =>
        await send(limited.origin, { method: 'GET', target: '/-/health' }).catch(() => null),
      (answer) => answer?.status === 200,
    );

    held.forEach((socket) => socket.destroy());
    await limited.stop();
  });

  it('answers some that were sent behind each other, in their order', async () => {
    const targets = ['/-/health', '/api/v4/openapi.json', '/nothing', '/.well-known/jwks.json'];
    const requests = Array.from({ length: MOST_BEHIND + 1 }, (_, i) => targets[i % 4]);
    const last = `GET /-/liveness HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;

    const answers = await exchange(
      requests
        .slice(0, MOST_BEHIND)
        .map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
        .join('') + last,
    );

    const statuses = Array.from(answers.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status]) => status);
    const four = ['200', '200', '404', '200'];
    expect(statuses).to.deep.equal([...four, ...four, ...four, ...four, '200']);
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
