/** Every way a request can fail that is not a bug. Each door maps all of them to its own wire. */
export type ErrorCode =
  | 'invalid_input'
  | 'invalid_credentials'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'rate_limited'
  | 'no_space'
  | 'unavailable';

/** What is wrong with an input: a sentence for each field, by the name that it has on the wire. */
export type Problems = Readonly<Record<string, string>>;

/**
 * An expected failure. `message` is written for the caller and may be shown to them; what only the
 * log may know goes into `cause`.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  /** Empty when no input in particular is wrong. */
  readonly problems: Problems;
  /** When to try again, where that is known. */
  readonly retryAfterSeconds: number | null;
  /**
   * The reason as the status line may tell it, which is all that some clients show: ASCII, of a closed list,
   * and without a name. Null where the status alone says enough, or nobody may hear more.
   */
  readonly phrase: string | null;

  constructor(
    code: ErrorCode,
    message: string,
    options?: ErrorOptions & {
      /** The one input that the message is about. */
      readonly field?: string;
      readonly problems?: Problems;
      readonly retryAfterSeconds?: number;
      readonly phrase?: string;
    },
  ) {
    super(message, options);
    this.code = code;
    this.problems =
      options?.problems ?? (options?.field === undefined ? {} : { [options.field]: message });
    this.retryAfterSeconds = options?.retryAfterSeconds ?? null;
    this.phrase = options?.phrase ?? null;
  }
}
