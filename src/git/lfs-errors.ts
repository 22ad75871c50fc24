import { AppError } from '../access/errors.js';
import { noteRefusal, retryAfterOutage, statusMessage } from '../http/errors.js';
import type { Door } from '../http/handler.js';
import { STATUS } from './errors.js';

const CHALLENGE = 'Basic realm="Pullgate", charset="UTF-8"';
const LFS_TYPE = 'application/vnd.git-lfs+json';

/** git-lfs prints the `message` of a refusal as it is. */
export async function lfsErrors(...[ctx, next]: Parameters<Door>): Promise<void> {
  ctx.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  try {
    await next();
  } catch (error) {
    if (!(error instanceof AppError)) {
      throw error;
    }
    // 400 would be tried again.
    ctx.status = error.code === 'invalid_input' ? 422 : STATUS[error.code];
    ctx.message = statusMessage(ctx.status, error) ?? ctx.message;
    if (ctx.status === 401) {
      ctx.set({ 'lfs-authenticate': CHALLENGE, 'www-authenticate': CHALLENGE });
    }
    const wait = retryAfterOutage(error);
    if (wait !== null) {
      ctx.set('retry-after', String(wait));
    }
    answerLfs(ctx, { message: error.message });
    noteRefusal(ctx.state, error);
  }
}

/** With the status that is set. */
export function answerLfs(ctx: Parameters<Door>[0], body: object): void {
  ctx.body = JSON.stringify(body);
  ctx.type = LFS_TYPE;
}
