/** Refusals in GitLab's words: rules under `message`, wrong parameters and scopes under `error`. */

import { z } from 'zod';
import { AppError, type ErrorCode, type Problems } from '../access/errors.js';
import { noteRefusal, retryAfterOutage } from '../http/errors.js';
import type { Door } from '../http/handler.js';

/** With a name of its own in the OpenAPI document: some makers of clients need one. */
export const ProblemsByField = z
  .record(z.string(), z.array(z.string()))
  .meta({ id: 'ProblemsByField' });

export const ErrorAnswer = z
  .union([
    z.strictObject({ message: z.union([z.string(), ProblemsByField]) }),
    z.strictObject({
      error: z.string(),
      error_description: z.string().optional(),
      scope: z.string().optional(),
    }),
  ])
  .meta({ id: 'Error' });

interface Wire {
  /** For the log. */
  readonly reason: string;
  readonly status: number;
  readonly body: z.infer<typeof ErrorAnswer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer of this door that is an error; whatever a service refuses is an AppError. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly wire: Wire;

  constructor(status: number, body: Wire['body'], headers: Wire['headers'] = {}) {
    super('message' in body ? JSON.stringify(body.message) : body.error);
    this.wire = { reason: this.message, status, body, headers };
  }
}

export function wrongParameters(text: string): Refusal {
  return new Refusal(400, { error: text });
}

export function notFound(what: string): Refusal {
  return new Refusal(404, { message: `404 ${what} Not Found` });
}

export function unauthorized(): Refusal {
  return new Refusal(
    401,
    { message: '401 Unauthorized' },
    { 'www-authenticate': 'Bearer realm="Pullgate"' },
  );
}

export function forbidden(reason: string): Refusal {
  return new Refusal(403, { message: `403 Forbidden - ${reason}` });
}

/** The wrong input by its name, as GitLab tells it of projects and users. */
export function wrongField(field: string, text: string): Refusal {
  return wrongFields({ [field]: text });
}

export function wrongFields(problems: Problems): Refusal {
  const message = Object.fromEntries(
    Object.entries(problems).map(([field, text]) => [field, [text]]),
  );
  return new Refusal(400, { message });
}

// `null` for the error's own sentence.
const ANSWER: Readonly<Record<ErrorCode, readonly [status: number, message: string | null]>> = {
  invalid_input: [400, null],
  invalid_credentials: [401, '401 Unauthorized'],
  forbidden: [403, '403 Forbidden'],
  not_found: [404, '404 Not found'],
  conflict: [409, null],
  too_large: [413, '413 Request Entity Too Large'],
  rate_limited: [429, null],
  no_space: [507, null],
  unavailable: [503, '503 Service Unavailable'],
};

/** What every answer of the API has, refusals included. */
export function apiAnswers(): Door {
  return async function answerAsApi(ctx, next) {
    ctx.state.door = 'api';
    // What one caller sees is no other's, and of this moment only.
    ctx.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    try {
      await next();
    } catch (error) {
      refuse(ctx, error);
    }
    if (ctx.status !== 204) {
      // Without the charset that Koa adds: python-gitlab compares the whole header.
      ctx.set('content-type', 'application/json');
    }
  };
}

function refuse(ctx: Parameters<Door>[0], error: unknown): void {
  const wire = wireOf(error);
  if (wire === null) {
    throw error;
  }
  ctx.status = wire.status;
  ctx.set(wire.headers);
  ctx.body = wire.body;
  if (error instanceof AppError) {
    noteRefusal(ctx.state, error);
  } else {
    ctx.state.error = wire.reason;
  }
  if (!ctx.req.complete) {
    // Part of a body is still on its way, and nobody will read it.
    ctx.set('connection', 'close');
  }
}

/** Null for what is no refusal but a failure. */
function wireOf(error: unknown): Wire | null {
  if (error instanceof Refusal) {
    return error.wire;
  }
  if (!(error instanceof AppError)) {
    return null;
  }
  const [status, message] = ANSWER[error.code];
  const wait = retryAfterOutage(error);
  return {
    reason: error.message,
    status,
    body: { message: message ?? error.message },
    headers: wait === null ? {} : { 'retry-after': String(wait) },
  };
}
