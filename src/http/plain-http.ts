import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** As long as Node gives a TLS handshake. */
const FIRST_BYTE_MS = 120_000;
const HANG_UP_MS = 1000;
const [FIRST_LETTER, LAST_LETTER] = ['A'.charCodeAt(0), 'Z'.charCodeAt(0)];
const MESSAGE = 'This port speaks HTTPS: the address has to begin with https://.';
const BODY = JSON.stringify({ errors: [{ code: 'UNSUPPORTED', message: MESSAGE, detail: null }] });
const ANSWER =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\n' +
  `Content-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`;

/**
 * Tells those who speak HTTP to the port of HTTPS, on whom TLS would hang up without a word. Each connection
 * is handed on once its first byte is there, which of HTTP is a capital letter, and of TLS never.
 */
export function answerPlainHttp(server: TlsServer): void {
  const taken = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    socket.setTimeout(FIRST_BYTE_MS, () => socket.destroy());
    socket.on('error', noAnswer);
    socket.once('readable', () => {
      const bytes: unknown = socket.read();
      if (!Buffer.isBuffer(bytes)) {
        socket.destroy();
        return;
      }
      if (isHttp(bytes)) {
        refuse(socket);
        return;
      }
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.off('error', noAnswer);
      socket.unshift(bytes);
      for (const listener of taken) {
        Reflect.apply(listener, server, [socket]);
      }
    });
  });
}

/** Of a connection that ends before it has said anything. */
function noAnswer(): void {}

function isHttp([first = 0]: Buffer): boolean {
  return first >= FIRST_LETTER && first <= LAST_LETTER;
}

function refuse(socket: Socket): void {
  socket.resume();
  socket.end(ANSWER);
  setTimeout(() => socket.destroy(), HANG_UP_MS).unref();
}
