import { AppError, type ErrorCode } from '../access/errors.js';
import { noteRefusal, retryAfterOutage, statusMessage } from '../http/errors.js';
import type { Door } from '../http/handler.js';

export const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 400,
  invalid_credentials: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  no_space: 507,
  unavailable: 503,
};

/** Plain sentences: git shows the text of a refusal as `remote: …` when it is text/plain. */
export async function gitErrors(...[ctx, next]: Parameters<Door>): Promise<void> {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof AppError)) {
      throw error;
    }
    ctx.status = STATUS[error.code];
    ctx.message = statusMessage(ctx.status, error) ?? ctx.message;
    ctx.type = 'text/plain; charset=utf-8';
    ctx.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    ctx.body = `${error.message}\n`;
    if (ctx.status === 401) {
      ctx.set('www-authenticate', 'Basic realm="Pullgate", charset="UTF-8"');
    }
    const wait = retryAfterOutage(error);
    if (wait !== null) {
      ctx.set('retry-after', String(wait));
    }
    noteRefusal(ctx.state, error);
  }
}
