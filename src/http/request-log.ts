import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import type { Log } from '../log.js';
import { clientAddress } from './client-address.js';
import type { Door, RequestState } from './request-state.js';

const MAX_PATH = 256;
const MAX_USER_AGENT = 255;

/** Is told of each request once it is over. */
export type RequestObserver = (request: {
  /** 499 when the client went away before there was an answer. */
  readonly status: number;
  readonly seconds: number;
  readonly facts: RequestState['facts'];
}) => void;

/**
 * The outermost middleware: gives the request its id and state, and writes one line when it is over.
 * The query, the headers and the body stay out of it, since all three may hold a secret.
 */
export function requestLog(log: Log, trustedProxies: BlockList, observe: RequestObserver): Door {
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
      const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
      // The client may have gone before there was an answer.
      const status = ctx.res.headersSent ? ctx.res.statusCode : 499;
      log.info(
        {
          requestId,
          method: ctx.method,
          path: pathOf(ctx.req),
          status,
          milliseconds,
          client: address,
          userAgent,
          ...facts,
        },
        'request',
      );
      observe({ status, seconds: milliseconds / 1000, facts });
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
