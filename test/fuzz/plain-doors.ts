/** Health, keys, addresses that nobody serves, and what is no HTTP at all. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { codePoints } from '../property/arbitraries.js';
import { parseAnswer } from '../support/token-client.js';
import { anyBytes, headerText, targetText } from './inputs.js';
import { target, type FuzzTarget } from './target.js';
import { checkAnswer, type World } from './world.js';

const ADDRESSES = [
  '/-/health',
  '/-/liveness',
  '/-/readiness',
  '/.well-known/jwks.json',
  '/assets/',
  '/',
  '/-/setup/',
  '/v2/',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];
/** What comes before the answer when a client asks whether to go on. */
const CONTINUE = /^HTTP\/1\.1 100 Continue\r\n\r\n/;
const PRIVATE_MEMBERS = /"(?:d|p|q|dp|dq|qi|k)":/;

export function plainDoorTargets(world: World): FuzzTarget[] {
  const headerName = fc.constantFrom(
    'authorization',
    'cookie',
    'private-token',
    'range',
    'if-none-match',
    'accept',
    'content-type',
    'origin',
    'x-http-method-override',
    'host',
  );
  return [
    target(
      'any address',
      fc.record({
        method: fc.constantFrom(...METHODS),
        address: fc
          .tuple(
            fc.constantFrom('', ...ADDRESSES),
            fc.oneof(fc.constantFrom('', '?', '?a=b'), targetText),
          )
          .map((parts) => parts.join('')),
        headers: fc.array(fc.tuple(headerName, headerText), { maxLength: 4 }),
        body: anyBytes,
      }),
      async ({ method, address, headers, body }) => {
        const answer = await world.send({
          method,
          target: address.startsWith('/') ? address : `/${address}`,
          headers: Object.fromEntries(headers),
          body: method === 'POST' || method === 'PUT' ? body : '',
        });

        expect(answer.text).not.to.match(PRIVATE_MEMBERS);
        return String(answer.status);
      },
    ),
    target(
      'any bytes',
      fc.oneof(
        fc.tuple(anyBytes),
        fc.tuple(requestLine, HOST, anyBytes),
        fc.tuple(requestLine, HOST, headerLines, fc.constant(Buffer.from('\r\n')), anyBytes),
      ),
      async (pieces) => {
        const received = await exchange(world, Buffer.concat(pieces));

        if (received === '') {
          return 'hung up';
        }
        const answer = parseAnswer(received.slice(0, received.indexOf('\r\n\r\n') + 4));
        checkAnswer({ ...answer, text: received }, world.search);
        return String(answer.status);
      },
    ),
  ];
}

const HOST = fc.constant(Buffer.from('Host: a\r\n'));

const requestLine = fc
  .tuple(
    fc.constantFrom(...METHODS, ...METHODS, 'get', 'PRI', ''),
    fc.constantFrom(...ADDRESSES, '*', 'http://a/', '/token?service=container_registry', '\u0000'),
    fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', ''),
  )
  .map((parts) => Buffer.from(`${parts.join(' ')}\r\n`, 'latin1'));

const headerLines = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          'Host: a',
          'Content-Length: 5',
          'Content-Length: 50',
          'Content-Length: -1',
          'Transfer-Encoding: chunked',
          'Transfer-Encoding: x',
          'Expect: 100-continue',
          'Connection: close',
          'Upgrade: websocket',
          'Authorization: Basic :',
        ),
      },
      { arbitrary: codePoints({ maxLength: 40 }), weight: 1 },
    ),
    { maxLength: 4 },
  )
  .map((lines) => Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'));

/** Sends, closes our half, and reads until the other side has closed too. */
async function exchange({ app }: World, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(app.origin);
  // Once our half is closed the server owes an end too, and not only when its patience is over.
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => (received += String(text)));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.end(bytes);
  await closed;
  return received.replace(CONTINUE, '');
}
