/** Asks the registry, with JWTs that Pullgate signs for itself; what it answers is bounded and checked. */

import type { z } from 'zod';
import { AppError } from '../access/errors.js';
import type { AccessEntry } from '../access/scope.js';

export interface RegistryAddress {
  /** `https://registry.example.com`, without a path. */
  readonly url: string;
  /** A JWT for this and nothing else. */
  readonly bearer: (access: readonly AccessEntry[]) => string;
}

export interface Asking<T> {
  /** With its query. */
  readonly path: string;
  readonly access: AccessEntry;
  readonly accept?: string;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly schema: z.ZodType<T>;
}

export interface RegistryAnswer<T> {
  readonly body: T;
  readonly headers: Headers;
}

/** An answer that was no 200. */
export class RegistryRefusal extends AppError {
  readonly status: number;

  constructor(status: number, { url, path }: { readonly url: string; readonly path: string }) {
    const [address] = path.split('?');
    const hint = status === 401 ? ': does it trust this Pullgate? See registry-config.' : '.';
    super('unavailable', `The registry at ${url} answered ${status} to ${address}${hint}`);
    this.status = status;
  }
}

/** Throws an AppError with a sentence for the operator; no part of an answer stands in it. */
export async function ask<T>(
  { url, bearer }: RegistryAddress,
  { path, access, accept = 'application/json', schema, ...limits }: Asking<T>,
): Promise<RegistryAnswer<T>> {
  const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeoutMs)]);
  try {
    const answer = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${bearer([access])}`, accept },
      // The JWT is for the registry alone.
      redirect: 'manual',
      signal,
    });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw new RegistryRefusal(answer.status, { url, path });
    }
    const text = await readAtMost(answer, limits.maxBytes, url);
    return { body: parse(text, schema, url), headers: answer.headers };
  } catch (error) {
    throw error instanceof AppError ? error : unreachable(url, error, limits.timeoutMs);
  }
}

async function readAtMost(answer: Response, maxBytes: number, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the rest.
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new AppError(
        'unavailable',
        `The registry at ${url} answered more than ${maxBytes} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse<T>(text: string, schema: z.ZodType<T>, url: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const result = schema.safeParse(json);
  if (!result.success) {
    throw new AppError('unavailable', `What answers at ${url} is no registry.`);
  }
  return result.data;
}

function unreachable(url: string, cause: unknown, timeoutMs: number): AppError {
  const message =
    cause instanceof Error && cause.name === 'TimeoutError'
      ? `The registry at ${url} did not answer within ${timeoutMs / 1000} seconds.`
      : `The registry at ${url} cannot be reached${codeOf(cause)}.`;
  return new AppError('unavailable', message, { cause });
}

/** `fetch` says why only in the cause of its error. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
}
