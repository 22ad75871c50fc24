import { subjectOf } from '../access/actor.js';
import type { RefusedEntry } from '../access/registry-access.js';
import { formatScope, type AccessEntry } from '../access/scope.js';
import type { Log } from '../log.js';
import type { Door } from './handler.js';
import type { BeginRequest, RequestObserver, RequestRecord } from './request-record.js';

/** Of every answer to a request that could be read. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** How much of what was asked a line tells: a client may ask for thousands of names. */
const MAX_LISTED = 16;
const MAX_TEXT = 300;

/** The outermost middleware. */
export function recordedRequests(begin: BeginRequest): Door {
  return async function recordRequest(ctx, next) {
    ctx.state = begin(ctx.req, ctx.res);
    ctx.set(REQUEST_ID_HEADER, ctx.state.requestId);
    await next();
  };
}

/** One line for each request, once it is over. */
export function logRequests(log: Log): RequestObserver {
  return (record) => {
    log.info(lineOf(record), 'request');
  };
}

function lineOf(record: RequestRecord): object {
  const { actor, refused, refusedCredentials } = record;
  const granted = unlessNull(record.granted);
  return {
    requestId: record.requestId,
    method: record.method,
    path: record.path,
    status: record.status,
    milliseconds: record.microseconds / 1000,
    client: record.clientAddress,
    userAgent: record.userAgent,
    door: unlessNull(record.door),
    actor: actor === null ? undefined : subjectOf(actor),
    asked: askedTexts(record),
    granted,
    refused: refused.length === 0 ? undefined : listed(refused, formatRefused),
    refusal: refusedCredentials?.refusal,
    deployToken: unlessNull(record.deployToken) ?? refusedCredentials?.deployToken?.id,
    user: refusedCredentials?.user?.username,
    error: unlessNull(record.error),
    cause: unlessNull(record.cause),
    git: unlessNull(record.git),
    hint: hintFor(record),
  };
}

/** What pulls for a node of Kubernetes. */
const NODE = /^(?:containerd|cri-o|kubelet)\//i;
const NO_PULL_SECRET =
  'no credentials came: the imagePullSecret is missing, its key does not match the name of the image, ' +
  'or the credential provider failed';

function hintFor({ refused, userAgent }: RequestRecord): string | undefined {
  return refused.some(({ reason }) => reason === 'not_signed_in') && NODE.test(userAgent)
    ? NO_PULL_SECRET
    : undefined;
}

function askedTexts({ asked, granted, refused }: RequestRecord): readonly string[] | undefined {
  if (granted !== null && refused.length === 0) {
    // All of it was granted, so it reads the same.
    return granted;
  }
  return asked === null ? undefined : listed(asked, formatScope);
}

/** What is undefined has no field in the line. */
function unlessNull<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

function formatRefused(entry: RefusedEntry): string {
  return `${formatScope(entry)} ${entry.reason}`;
}

function listed<T extends AccessEntry>(
  entries: readonly T[],
  format: (entry: T) => string,
): string[] {
  const texts = entries.slice(0, MAX_LISTED).map((entry) => format(entry).slice(0, MAX_TEXT));
  const left = entries.length - texts.length;
  return left === 0 ? texts : [...texts, `and ${left} more`];
}
