/**
 * What git-lfs asks for. Protocol: git-lfs, docs/api (batch, basic transfers, locking).
 */

import { z } from 'zod';
import { AppError } from '../access/errors.js';

const MAX_OBJECTS = 1000;
const ADDRESS =
  /^\/(?<path>.+?)(?:\.git)?\/info\/lfs\/(?:(?<api>objects\/batch|objects\/verify)|objects\/(?<oid>[0-9a-f]{64})|(?<locks>locks(?:\/[^?]*)?))(?:\?.*)?$/;

export type LfsOperation =
  { readonly kind: 'batch' | 'verify' | 'locks' } | { readonly kind: 'object'; oid: string };

export interface LfsRequest {
  /** As typed, without `.git`. */
  readonly projectPath: string;
  readonly operation: LfsOperation;
}

/** Null for an address that git-lfs does not ask for. */
export function parseLfsRequest(target: string): LfsRequest | null {
  const { path, api, oid, locks } = ADDRESS.exec(target)?.groups ?? {};
  if (path === undefined) {
    return null;
  }
  if (oid !== undefined) {
    return { projectPath: path, operation: { kind: 'object', oid } };
  }
  const kind = api === 'objects/batch' ? 'batch' : 'verify';
  return { projectPath: path, operation: { kind: locks === undefined ? kind : 'locks' } };
}

export const LfsObject = z.object({
  oid: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
});
export type LfsObject = z.infer<typeof LfsObject>;

/** All clients take the basic transfer, whichever others they can. */
export const LfsBatch = z.object({
  operation: z.enum(['download', 'upload']),
  hash_algo: z.literal('sha256').default('sha256'),
  objects: z.array(LfsObject).max(MAX_OBJECTS),
});
export type LfsBatch = z.infer<typeof LfsBatch>;

export function parseLfsBody<T>(body: Buffer, type: z.ZodType<T>): T {
  try {
    const { data, error } = type.safeParse(JSON.parse(body.toString('utf8')));
    if (data !== undefined) {
      return data;
    }
    const where = error?.issues[0]?.path.join('.') ?? '';
    throw new AppError('invalid_input', `The body is not what git-lfs sends (${where}).`);
  } catch (error) {
    throw error instanceof AppError
      ? error
      : new AppError('invalid_input', 'The body is not JSON.', { cause: error });
  }
}

/** The part of an object that a download asks for; `whole` where it names none that can be given alone. */
export function parseRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | 'whole' | 'outside' {
  const { first, last } =
    /^bytes=(?<first>\d{1,15})-(?<last>\d{0,15})$/.exec(header ?? '')?.groups ?? {};
  if (first === undefined) {
    return 'whole';
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start > end ? 'outside' : { start, end };
}
