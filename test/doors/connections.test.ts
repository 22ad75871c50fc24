import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { startApp, type TestApp } from '../support/start-app.js';
import { basic, send, SERVICE } from '../support/token-client.js';
import { eventually } from '../support/run.js';
import { linesOf } from './app-data.js';

/** More than the 511 that Node has Linux keep for a server. */
const AT_ONCE = 700;

describe('connections', () => {
  let app: TestApp;

  before(async () => {
    app = await startApp();
  });

  after(async () => {
    await app.stop();
  });

  it('finds room for all nodes of a cluster that connect at one moment', async () => {
    const before = await turnedAway();

    // None of them is taken before the last has knocked: this process is the server, too.
    const sockets = Array.from({ length: AT_ONCE }, () => connect(app.service.port, '127.0.0.1'));
    await happensToAll(sockets, 'connect');
    const after = await turnedAway();
    sockets.forEach((socket) => socket.destroy());
    await happensToAll(sockets, 'close');

    expect(after - before).to.equal(0);
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
});

async function happensToAll(sockets: readonly Socket[], event: 'connect' | 'close'): Promise<void> {
  await Promise.all(
    sockets.map(async (socket) => {
      await once(socket, event);
    }),
  );
}

/** Those that found no room, of whatever server there is on this machine: proc(5), /proc/net/netstat. */
async function turnedAway(): Promise<number> {
  const lines = (await readFile('/proc/net/netstat', 'utf8')).split('\n');
  const [names, counts] = lines.filter((line) => line.startsWith('TcpExt:'));
  const place = names?.split(' ').indexOf('ListenOverflows') ?? -1;
  return Number(counts?.split(' ')[place]);
}
