import { STATUS_CODES } from 'node:http';
import type { AppError, ErrorCode } from '../access/errors.js';
import type { Log } from '../log.js';
import type { Door } from './handler.js';
import type { RequestRecord } from './request-record.js';

const AWAY_SECONDS = 5;
const LIMITED_SECONDS = 60;
/** What lies with us, so that the caller is not told why. */
const TELLS_CAUSE: ReadonlySet<ErrorCode> = new Set(['unavailable', 'no_space']);

/**
 * For the status line: containerd throws the body of a refusal away, and shows this in the events of a pod.
 * Undefined for the usual phrase. HTTP/2 and proxies written in Go lose it, so it is never the only carrier.
 */
export function statusMessage(status: number, { phrase }: AppError): string | undefined {
  return phrase === null ? undefined : `${STATUS_CODES[status] ?? ''} (Pullgate: ${phrase})`;
}

/** The `Retry-After` of an answer; null for what trying again does not mend. */
export function retryAfterSeconds({ code, retryAfterSeconds: known }: AppError): number | null {
  if (known !== null) {
    return known;
  }
  if (code === 'rate_limited') {
    return LIMITED_SECONDS;
  }
  return code === 'unavailable' ? AWAY_SECONDS : null;
}

/**
 * The `Retry-After` of a door whose clients sleep it out in silence, as dulwich, python-gitlab and Ansible
 * do: of an outage, which is short. How long to wait after too many requests is in the sentence.
 */
export function retryAfterOutage(error: AppError): number | null {
  return error.code === 'unavailable' ? retryAfterSeconds(error) : null;
}

/** For the log: what was told, and the reason of an outage, which is not. */
export function noteRefusal(record: RequestRecord, error: AppError): void {
  record.error = error.message;
  if (TELLS_CAUSE.has(error.code) && error.cause instanceof Error) {
    record.cause = error.cause.message;
  }
}

export type FailureLog = (requestId: string, error: unknown) => void;

/** For bugs and outages, which are logged whole. */
export function failureLog(log: Log): FailureLog {
  return (requestId, error) => {
    log.error({ requestId, err: error }, 'request failed');
  };
}

/** The last resort of every door behind Koa: the client is told nothing but the request id. */
export function unexpectedErrors(failed: FailureLog): Door {
  return async function answerUnexpectedError(ctx, next) {
    try {
      await next();
    } catch (error) {
      const { requestId } = ctx.state;
      failed(requestId, error);
      ctx.status = 500;
      ctx.set('cache-control', 'no-store');
      ctx.body = unexpectedErrorBody(requestId);
    }
  };
}

export function unexpectedErrorBody(requestId: string): { message: string } {
  return { message: `500 Internal Server Error (request ${requestId})` };
}

/** The answer for addresses that no door serves. */
export function notFound(ctx: Parameters<Door>[0]): void {
  ctx.status = 404;
  ctx.body = { message: '404 Not Found' };
}

/**
 * Lets through targets such as `/token?…` alone. Whole URLs are what a proxy is asked for, and reading
 * the path of a broken one throws in whatever reads it first.
 */
export async function originFormOnly(...[ctx, next]: Parameters<Door>): Promise<void> {
  if (ctx.req.url?.startsWith('/') === true) {
    await next();
    return;
  }
  ctx.status = 400;
  ctx.body = { message: '400 Bad Request: the request target must be a path' };
}
