/** Raw TCP connections to a server that is about to stop. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { FORM } from './token-client.js';

const STOP_DEADLINE_MS = 20_000;

/** A POST of a form whose head the server has read: it says so, since the client waits for that. */
export async function beginPost(
  origin: string,
  length: number,
): Promise<{
  readonly socket: Socket;
  readonly received: () => string;
  readonly closed: Promise<void>;
}> {
  const { port, host } = new URL(origin);
  const socket = connect(Number(port), '127.0.0.1');
  const closed = endOf(socket);
  let received = '';
  socket.setEncoding('utf8').on('data', (text) => (received += String(text)));
  socket.write(
    `POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: ${FORM}\r\n` +
      `Content-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`,
  );
  await once(socket, 'data');
  const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';
  expect(received).to.equal(goOn);
  return { socket, received: () => received.slice(goOn.length), closed };
}

/** Returns once a new connection is refused; those that wait to be accepted still count as made. */
export async function refusesConnections(origin: string): Promise<void> {
  const patience = AbortSignal.timeout(STOP_DEADLINE_MS);
  while ((await connectionError(origin)) !== 'ECONNREFUSED') {
    patience.throwIfAborted();
  }
}

/** The code of the error that a new connection meets; null for none. */
async function connectionError(origin: string): Promise<string | null> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  const code = await new Promise<string | null>((resolve) => {
    socket.once('connect', () => resolve(null));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  socket.destroy();
  return code;
}

/** Whether it is closed or reset; what came before shows in what was received. */
export async function endOf(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
}
