import type { Log } from '../log.js';
import type { Door } from './request-state.js';

/** What reaches this is a bug or an outage: log it whole, tell the client nothing but the request id. */
export function unexpectedErrors(log: Log): Door {
  return async function answerUnexpectedError(ctx, next) {
    try {
      await next();
    } catch (error) {
      const { requestId } = ctx.state;
      log.error({ requestId, err: error }, 'request failed');
      ctx.status = 500;
      ctx.set('cache-control', 'no-store');
      ctx.body = { message: `500 Internal Server Error (request ${requestId})` };
    }
  };
}

/** The answer for addresses that no door serves. */
export function notFound(ctx: Parameters<Door>[0]): void {
  ctx.status = 404;
  ctx.body = { message: '404 Not Found' };
}
