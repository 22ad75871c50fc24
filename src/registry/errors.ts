import { AppError, type ErrorCode } from '../access/errors.js';
import { noteRefusal, retryAfterSeconds } from '../http/errors.js';
import type { Door } from '../http/request-state.js';

// Codes: distribution, spec/api.md, "Errors". Docker prints `<code in lower case>: <message>`.
const ANSWER: Readonly<Record<ErrorCode, readonly [status: number, code: string]>> = {
  invalid_input: [400, 'UNSUPPORTED'],
  invalid_credentials: [401, 'UNAUTHORIZED'],
  forbidden: [403, 'DENIED'],
  not_found: [404, 'NAME_UNKNOWN'],
  conflict: [409, 'DENIED'],
  too_large: [413, 'SIZE_INVALID'],
  rate_limited: [429, 'TOOMANYREQUESTS'],
  unavailable: [503, 'UNAVAILABLE'],
};

/** The registry's error format, which docker reads only when the content type is JSON. */
export function registryErrors(realm: string): Door {
  return async function answerRegistryError(ctx, next) {
    ctx.state.facts['door'] = 'registry';
    try {
      await next();
    } catch (error) {
      if (!(error instanceof AppError)) {
        throw error;
      }
      const [status, code] = ANSWER[error.code];
      ctx.status = status;
      ctx.set('cache-control', 'no-store');
      ctx.body = { errors: [{ code, message: error.message, detail: null }] };
      if (status === 401) {
        ctx.set('www-authenticate', `Basic realm=${JSON.stringify(realm)}, charset="UTF-8"`);
      }
      const wait = retryAfterSeconds(error);
      if (wait !== null) {
        ctx.set('retry-after', String(wait));
      }
      noteRefusal(ctx.state, error);
    }
  };
}
