/**
 * The last moment at which a push can be refused: git has all of it, and has changed nothing. Its
 * pre-receive hook, see githooks(5), asks here whether the push still may.
 */

import type { Duplex } from 'node:stream';
import { AppError } from '../access/errors.js';

/** The descriptor that the hook inherits. */
export const HOOK_DESCRIPTOR = 3;

const FAILED = 'Whether you may still push cannot be told just now. Try again in a moment.';

/** Whatever `requireAccess` throws refuses the push; git tells the sentence as `remote: …`. */
export function answerHook(hook: Duplex, requireAccess: () => Promise<void>): void {
  hook.once('data', () => {
    requireAccess().then(
      () => hook.end('go\n'),
      (error: unknown) => hook.end(`${error instanceof AppError ? error.message : FAILED}\n`),
    );
  });
  // A hook that was ended with its git asks no more.
  hook.on('error', () => {});
}
