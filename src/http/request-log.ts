import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import type { Log } from '../log.js';
import { clientAddress } from './client-address.js';
import type { Door } from './request-state.js';

const MAX_PATH = 256;
const MAX_USER_AGENT = 255;

/**
 * The outermost middleware: gives the request its id and state, and writes one line when it is over.
 * The query, the headers and the body stay out of it, since all three may hold a secret.
 */
export function requestLog(log: Log, trustedProxies: BlockList): Door {
  return async function logRequest(ctx, next) {
    const start = process.hrtime.bigint();
    const requestId = randomUUID();
    ctx.state = {
      requestId,
      clientAddress: clientAddress(ctx.req, trustedProxies),
      userAgent: ctx
        .get('user-agent')
        .replaceAll(/\p{Cc}/gu, '')
        .slice(0, MAX_USER_AGENT),
      facts: {},
    };
    ctx.set('x-request-id', requestId);

    ctx.res.once('close', () => {
      const { clientAddress: address, userAgent, facts } = ctx.state;
      log.info(
        {
          requestId,
          method: ctx.method,
          path: pathOf(ctx.req),
          // The client may have gone before there was an answer.
          status: ctx.res.headersSent ? ctx.res.statusCode : 499,
          milliseconds: Number(process.hrtime.bigint() - start) / 1e6,
          client: address,
          userAgent,
          ...facts,
        },
        'request',
      );
    });
    await next();
  };
}

/** The one address of ours that is a secret: the link that makes the first administrator. */
const SETUP_LINK = /^(\/-\/setup\/).+/;

/** A path as it was sent. Any other target could hold credentials (`http://user:secret@…`). */
function pathOf({ url = '' }: IncomingMessage): string {
  const [path = ''] = url.split('?', 1);
  return path.startsWith('/') ? path.replace(SETUP_LINK, '$1…').slice(0, MAX_PATH) : '';
}
