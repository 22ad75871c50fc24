import { AppError, type ErrorCode } from '../access/errors.js';
import { noteRefusal, retryAfterOutage, statusMessage } from '../http/errors.js';
import type { Door } from '../http/handler.js';
import { refusedAdvertisement, showsOnlyTheStatus } from './error-line.js';
import type { GitOperation } from './git-request.js';

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

type Context = Parameters<Door>[0];

const NOT_STORED = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Plain sentences: git shows the text of a refusal as `remote: …` when it is text/plain. */
export async function gitErrors(
  ctx: Context,
  next: () => Promise<unknown>,
  operation: GitOperation | null = null,
): Promise<void> {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof AppError)) {
      throw error;
    }
    noteRefusal(ctx.state, error);
    if (operation?.step === 'advertise' && isShownAsLine(error, ctx.state.userAgent)) {
      ctx.set(NOT_STORED);
      ctx.body = refusedAdvertisement(operation.service, error.message);
      ctx.type = `application/x-${operation.service}-advertisement`;
      return;
    }
    ctx.status = STATUS[error.code];
    ctx.message = statusMessage(ctx.status, error) ?? ctx.message;
    ctx.type = 'text/plain; charset=utf-8';
    ctx.set(NOT_STORED);
    ctx.body = `${error.message}\n`;
    if (ctx.status === 401) {
      ctx.set('www-authenticate', 'Basic realm="Pullgate", charset="UTF-8"');
    }
    const wait = retryAfterOutage(error);
    if (wait !== null) {
      ctx.set('retry-after', String(wait));
    }
  }
}

/** What other credentials could change stays a status, on which these clients ask for them. */
function isShownAsLine({ code }: AppError, userAgent: string): boolean {
  return code === 'forbidden' && showsOnlyTheStatus(userAgent);
}
