import type { OutgoingHttpHeaders } from 'node:http';
import type { AppError, ErrorCode } from '../access/errors.js';
import { retryAfterSeconds, statusMessage } from '../http/errors.js';

// Codes: distribution, spec/api.md, "Errors". Docker prints `<code in lower case>: <message>`.
const ANSWER: Readonly<Record<ErrorCode, readonly [status: number, code: string]>> = {
  invalid_input: [400, 'UNSUPPORTED'],
  invalid_credentials: [401, 'UNAUTHORIZED'],
  forbidden: [403, 'DENIED'],
  not_found: [404, 'NAME_UNKNOWN'],
  conflict: [409, 'DENIED'],
  too_large: [413, 'SIZE_INVALID'],
  rate_limited: [429, 'TOOMANYREQUESTS'],
  no_space: [507, 'UNAVAILABLE'],
  unavailable: [503, 'UNAVAILABLE'],
};

export interface RegistryAnswer {
  readonly status: number;
  /** In place of the usual phrase of the status. */
  readonly statusMessage?: string | undefined;
  readonly headers?: OutgoingHttpHeaders;
  /** ASCII alone, so that its length is its size: V8 takes longer to count its bytes than to make it. */
  readonly json: string;
}

/** The registry's error format, which docker reads only when the content type is JSON. */
export function errorAnswer(realm: string, error: AppError): RegistryAnswer {
  const [status, code] = ANSWER[error.code];
  const wait = retryAfterSeconds(error);
  return {
    status,
    statusMessage: statusMessage(status, error),
    headers: {
      ...(status === 401 && {
        'www-authenticate': `Basic realm=${JSON.stringify(realm)}, charset="UTF-8"`,
      }),
      ...(wait !== null && { 'retry-after': String(wait) }),
    },
    json: errorJson(code, error.message),
  };
}

export const METHOD_NOT_ALLOWED: RegistryAnswer = {
  status: 405,
  headers: { allow: 'GET, POST' },
  json: errorJson('UNSUPPORTED', 'Use GET or POST.'),
};

/** A browser reads its headers alone. */
export const PREFLIGHT: RegistryAnswer = { status: 200, json: '{}' };

function errorJson(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message, detail: null }] }).replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
