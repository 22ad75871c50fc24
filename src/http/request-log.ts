import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Log } from '../log.js';
import { clientAddress } from './client-address.js';
import type { Door, RequestState } from './request-state.js';

/** Of every answer to a request that could be read. */
export const REQUEST_ID_HEADER = 'x-request-id';
const MAX_PATH = 256;
const MAX_USER_AGENT = 255;

/** Is told of each request once it is over. */
export type RequestObserver = (request: {
  /** 499 when the client went away before there was an answer. */
  readonly status: number;
  readonly seconds: number;
  readonly facts: RequestState['facts'];
}) => void;

/** Comes first in every request. */
export type BeginRequest = (request: IncomingMessage, response: ServerResponse) => RequestState;

/**
 * Gives a request its id and state, and writes one line when it is over. The query, the headers and the
 * body stay out of it, since all three may hold a secret.
 */
export function requestLog(
  log: Log,
  trustedProxies: BlockList,
  observe: RequestObserver,
): BeginRequest {
  return (request, response) => {
    const start = performance.now();
    const requestId = randomUUID();
    const client = clientAddress(request, trustedProxies);
    const userAgent = userAgentOf(request);
    const facts: RequestState['facts'] = {
      requestId,
      method: request.method,
      path: pathOf(request),
      // Told when it is over; here for their place in the line.
      status: 0,
      milliseconds: 0,
      client,
      userAgent,
    };
    response.on('close', () => {
      const microseconds = Math.round((performance.now() - start) * 1000);
      // The client may have gone before there was an answer.
      const status = response.headersSent ? response.statusCode : 499;
      facts['status'] = status;
      facts['milliseconds'] = microseconds / 1000;
      log.info(facts, 'request');
      observe({ status, seconds: microseconds / 1e6, facts });
    });
    return { requestId, clientAddress: client, userAgent, facts };
  };
}

/** The outermost middleware. */
export function loggedRequests(begin: BeginRequest): Door {
  return async function logRequest(ctx, next) {
    ctx.state = begin(ctx.req, ctx.res);
    ctx.set(REQUEST_ID_HEADER, ctx.state.requestId);
    await next();
  };
}

const CONTROL = /\p{Cc}/u;

function userAgentOf({ headers }: IncomingMessage): string {
  const told = headers['user-agent'] ?? '';
  const printable = CONTROL.test(told) ? told.replaceAll(/\p{Cc}/gu, '') : told;
  return printable.slice(0, MAX_USER_AGENT);
}

/** The one address of ours that is a secret: the link that makes the first administrator. */
const SETUP_LINK = '/-/setup/';

/** A path as it was sent. Any other target could hold credentials (`http://user:secret@…`). */
function pathOf({ url = '' }: IncomingMessage): string {
  const questionMark = url.indexOf('?');
  const path = questionMark === -1 ? url : url.slice(0, questionMark);
  if (path.startsWith(SETUP_LINK) && path !== SETUP_LINK) {
    return `${SETUP_LINK}…`;
  }
  return path.startsWith('/') ? path.slice(0, MAX_PATH) : '';
}
