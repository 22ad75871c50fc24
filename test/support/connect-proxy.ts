import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { freePort } from './run.js';

export interface ConnectProxy {
  /** For `HTTPS_PROXY`. */
  readonly url: string;
  readonly stop: () => void;
}

/** Lets clients reach a port of ours under any host name: every tunnel through it leads there. */
export async function startConnectProxy(port: number): Promise<ConnectProxy> {
  const server = createServer();
  server.on('connect', (_request, client, head) => {
    const target = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(client).pipe(target);
    });
    target.on('error', () => client.destroy());
    client.on('error', () => target.destroy());
  });
  const own = await freePort();
  server.listen(own, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${own}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
