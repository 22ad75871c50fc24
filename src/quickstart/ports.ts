import { once } from 'node:events';
import { createServer } from 'node:net';

/** The port itself if nothing listens on it, else one that is free. */
export async function portOrFree(port: number, host: string): Promise<number> {
  return (await tryListen(port, host)) ?? (await tryListen(0, host)) ?? port;
}

/** The port that could be listened on, closed again; null when it is taken. */
async function tryListen(port: number, host: string): Promise<number | null> {
  const server = createServer();
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch {
    return null;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : null;
}
