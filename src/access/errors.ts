/** Every way a request can fail that is not a bug. Each door maps all of them to its own wire. */
export type ErrorCode =
  | 'invalid_input'
  | 'invalid_credentials'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'rate_limited'
  | 'unavailable';

/**
 * An expected failure. `message` is written for the caller and may be shown to them; what only the
 * log may know goes into `cause`.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  /** The one input that is wrong, for a form that has it; null when it is no single one. */
  readonly field: string | null;
  /** When to try again, where that is known. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: ErrorCode,
    message: string,
    options?: ErrorOptions & { readonly field?: string; readonly retryAfterSeconds?: number },
  ) {
    super(message, options);
    this.code = code;
    this.field = options?.field ?? null;
    this.retryAfterSeconds = options?.retryAfterSeconds ?? null;
  }
}
