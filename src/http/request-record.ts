import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Actor, DoorName, Origin } from '../access/actor.js';
import type { Refusal } from '../access/credential.js';
import type { DeployToken } from '../access/deploy-token.js';
import type { RefusedEntry } from '../access/registry-access.js';
import type { AccessEntry } from '../access/scope.js';
import type { User } from '../access/user.js';
import { clientAddresses, type ClientAddressOptions } from './client-address.js';

const MAX_PATH = 256;
const MAX_USER_AGENT = 255;

/**
 * What is known of one request, filled in by the door as it learns it and read by the observers once it
 * is over. Never a secret: the query, the headers and the body stay out of it, since all may hold one.
 */
export interface RequestRecord {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly clientAddress: string;
  /** What the client said of itself: printable, cut to 255 characters. */
  readonly userAgent: string;
  /** 499 when the client went away before there was an answer; 0 until the request is over. */
  status: number;
  /** From the request's arrival to the end of its answer. */
  microseconds: number;

  /** Null for what no door claims: health checks, keys, unknown addresses. */
  door: DoorName | null;
  /** Null until it is known, and where nobody asked to know. */
  actor: Actor | null;
  /** What a token request or a git request asked for; null where nothing can be asked for. */
  asked: readonly AccessEntry[] | null;
  /** As scope strings. */
  granted: readonly string[] | null;
  /** With the reason for each part of what was asked and not granted. */
  refused: readonly RefusedEntry[];
  /** The repository that was asked for first. */
  repository: string | null;
  /** Credentials that were refused, and whose they were. */
  refusedCredentials: {
    readonly refusal: Refusal;
    readonly deployToken?: DeployToken;
    readonly user?: User;
  } | null;
  /** The deploy token that a page made or revoked. */
  deployToken: number | null;
  /** What the caller was told. */
  error: string | null;
  /** What the caller was not told: the reason of an outage. */
  cause: string | null;
  /** What git wrote to its standard error. */
  git: string | null;
}

/** Is handed each record once its request is over. */
export type RequestObserver = (record: RequestRecord) => void;

/** Comes first in every request. */
export type BeginRequest = (request: IncomingMessage, response: ServerResponse) => RequestRecord;

/** Gives each request its record, and hands that to the observers, in their order, when it is over. */
export function requestRecords(
  proxies: ClientAddressOptions,
  observers: readonly RequestObserver[],
): BeginRequest {
  const addressOf = clientAddresses(proxies);
  return (request, response) => {
    const start = performance.now();
    const record = newRecord(request, addressOf(request));
    response.on('close', () => {
      record.microseconds = Math.round((performance.now() - start) * 1000);
      // The client may have gone before there was an answer.
      record.status = response.headersSent ? response.statusCode : 499;
      for (const observe of observers) {
        observe(record);
      }
    });
    return record;
  };
}

function newRecord(request: IncomingMessage, clientAddress: string): RequestRecord {
  return {
    requestId: randomUUID(),
    method: request.method ?? '',
    path: pathOf(request),
    clientAddress,
    userAgent: userAgentOf(request),
    status: 0,
    microseconds: 0,
    door: null,
    actor: null,
    asked: null,
    granted: null,
    refused: NOTHING,
    repository: null,
    refusedCredentials: null,
    deployToken: null,
    error: null,
    cause: null,
    git: null,
  };
}

const NOTHING: readonly RefusedEntry[] = [];

/** Where a request came in, for the audit trail. */
export function originOf(record: RequestRecord, door: DoorName): Origin {
  return { door, address: record.clientAddress, requestId: record.requestId };
}

const CONTROL = /\p{Cc}/u;

function userAgentOf({ headers }: IncomingMessage): string {
  const told = headers['user-agent'] ?? '';
  const printable = CONTROL.test(told) ? told.replaceAll(/\p{Cc}/gu, '') : told;
  return printable.slice(0, MAX_USER_AGENT);
}

/** The addresses of ours that are secrets: the links with which people make their own accounts. */
const SECRET_LINKS = ['/-/setup/', '/-/invitation/'];

/** A path as it was sent. Any other target could hold credentials (`http://user:secret@…`). */
function pathOf({ url = '' }: IncomingMessage): string {
  const questionMark = url.indexOf('?');
  const path = questionMark === -1 ? url : url.slice(0, questionMark);
  const link = SECRET_LINKS.find((each) => path.startsWith(each) && path !== each);
  if (link !== undefined) {
    return `${link}…`;
  }
  return path.startsWith('/') ? path.slice(0, MAX_PATH) : '';
}
