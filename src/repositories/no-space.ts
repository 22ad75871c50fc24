import { AppError } from '../access/errors.js';

const CODES = new Set(['ENOSPC', 'EDQUOT']);
/** As the C library says it, and with it git. */
const TEXTS = /No space left on device|Disk quota exceeded/;

/** `no_space` for what failed because git.root is full, whether Node or git met it; any other error as it is. */
export function asNoSpace(error: unknown): unknown {
  return error instanceof Error && (CODES.has(codeOf(error)) || saysNoSpace(textOf(error)))
    ? noSpace(error)
    : error;
}

export function noSpace(cause?: Error): AppError {
  return new AppError(
    'no_space',
    'There is no room left for git repositories. Whoever runs this Pullgate has to make some; nothing was changed.',
    { cause },
  );
}

export function saysNoSpace(output: string): boolean {
  return TEXTS.test(output);
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function textOf(error: Error): string {
  return 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : error.message;
}
