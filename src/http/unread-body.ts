import type { Door } from './handler.js';

export const HANG_UP = { connection: 'close' } as const;

/**
 * Answers that come before the body is over end the connection: Node would go on reading what nobody
 * wants, byte by byte and for ever if the client so pleases, and hold the connection for it.
 */
export async function hangUpOnUnreadBodies(...[ctx, next]: Parameters<Door>): Promise<void> {
  await next();
  if (!ctx.req.complete && !ctx.headerSent) {
    ctx.set(HANG_UP);
  }
}
