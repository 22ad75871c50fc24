/**
 * What a client asks of the token endpoint, read from a GET or a POST.
 *
 * Protocol: distribution, spec/auth/token.md and spec/auth/oauth.md. Both methods are needed:
 * containerd, BuildKit and helm try the POST first, docker, podman and crane send the GET.
 */

import type { IncomingMessage } from 'node:http';
import { AppError } from '../access/errors.js';
import { withinBudget, type LookedUp } from '../access/name-budget.js';
import { parseScopes, type AccessEntry } from '../access/scope.js';
import {
  isFaulty,
  presentCredentials,
  type Credentials,
  type FaultyCredentials,
  type PresentedCredentials,
} from '../credentials.js';
import { parseBasicAuth } from '../http/basic-auth.js';
import { readBody } from '../http/body.js';
import { decodeAnyText, decodingFault, parseForm, type FormFields } from '../http/form.js';
import { memo } from '../memo.js';

const MAX_BODY_BYTES = 64 * 1024;
const FORM = /^application\/x-www-form-urlencoded(?:;|$)/i;
/** What is wrong with these is told apart from what is wrong with the form. */
const IN_FORM: FormFields = { undecoded: new Set(['username', 'password']) };

type Parameters = ReadonlyMap<string, readonly string[]>;

/** What is asked for, whoever asks. */
export interface Asked extends LookedUp {
  readonly service: string;
  /** Whether there was a scope with any text in it, were it a malformed one that asks for nothing. */
  readonly hasScope: boolean;
  readonly entries: readonly AccessEntry[];
  /** The names of the repositories among them. */
  readonly repositories: readonly string[];
}

export interface TokenRequest {
  readonly asked: Asked;
  /** Null for an anonymous request, which only a GET can be. */
  readonly credentials: Credentials | null;
}

/** Of a request with faulty credentials nothing else is read: it is refused for those. */
export type ReadRequest = TokenRequest | FaultyCredentials;

/** Nodes that pull the same ask the same, thousands of times. The worst that can be asked takes 20 MB. */
const askedInQuery = memo((query) => askedIn(parseParameters(query)), { atMost: 2000 });

/** `account` is informational and a claim of the client's, so nothing is read from it. */
export function parseGetRequest(query: string, authorization: string | undefined): ReadRequest {
  const credentials = parseBasicAuth(authorization);
  return credentials !== null && isFaulty(credentials)
    ? credentials
    : { asked: askedInQuery(query), credentials };
}

export async function readPostRequest(request: IncomingMessage): Promise<ReadRequest> {
  // 400 and not 415: after a 400 containerd goes on with the GET, after a 415 it gives up.
  if (!FORM.test(request.headers['content-type'] ?? '')) {
    throw new AppError('invalid_input', 'The body must be application/x-www-form-urlencoded.');
  }
  const body = await readBody(request, MAX_BODY_BYTES);
  const parameters = parseParameters(body.toString('latin1'), IN_FORM);
  const grantType = single(parameters, 'grant_type');
  if (grantType === 'refresh_token') {
    // Never issued: it would outlive the deploy token. 401 makes BuildKit and containerd go on.
    throw new AppError('invalid_credentials', 'Refresh tokens are not issued here.');
  }
  if (grantType !== 'password') {
    throw new AppError('invalid_input', 'The grant_type must be password.');
  }
  const credentials = credentialsIn(parameters);
  return isFaulty(credentials) ? credentials : { asked: askedIn(parameters), credentials };
}

function credentialsIn(parameters: Parameters): PresentedCredentials {
  const sent = {
    username: credential(parameters, 'username'),
    password: credential(parameters, 'password'),
  };
  const username = decodeAnyText(sent.username);
  const password = decodeAnyText(sent.password);
  if (username === null || password === null) {
    const fault = decodingFault(username === null ? sent.username : sent.password);
    return { fault, trimmed: null };
  }
  return presentCredentials(username, password);
}

/** 401 and not 400 also where it is missing: BuildKit does not go on with the GET after a 400. */
function credential(parameters: Parameters, name: string): string {
  const [value, ...others] = parameters.get(name) ?? [];
  if (value === undefined || others.some((other) => other !== value)) {
    const text = value === undefined ? 'is missing' : 'is given with two values';
    throw new AppError('invalid_credentials', `The parameter ${name} ${text}.`);
  }
  return value;
}

function askedIn(parameters: Parameters): Asked {
  single(parameters, 'account');
  single(parameters, 'client_id');
  const scopes = parameters.get('scope') ?? [];
  const entries = parseScopes(scopes);
  const repositories = entries.filter(({ type }) => type === 'repository');
  return {
    service: required(parameters, 'service'),
    hasScope: scopes.some((scope) => scope.trim() !== ''),
    entries,
    repositories: repositories.map(({ name }) => name),
    ...withinBudget(repositories),
  };
}

function parseParameters(text: string, fields?: FormFields): Parameters {
  const parameters = parseForm(text, fields);
  if (parameters === null) {
    throw new AppError('invalid_input', 'The parameters are not well-formed UTF-8 text.');
  }
  return parameters;
}

/**
 * Two values for one parameter are refused: whoever reads the other one would see another request. The same
 * value twice is what docker makes of a realm that ends in `?service=…`.
 */
function single(parameters: Parameters, name: string): string | undefined {
  const [value, ...others] = parameters.get(name) ?? [];
  if (others.some((other) => other !== value)) {
    throw new AppError('invalid_input', `The parameter ${name} is given with two values.`);
  }
  return value;
}

function required(parameters: Parameters, name: string): string {
  const value = single(parameters, name);
  if (value === undefined) {
    throw new AppError('invalid_input', `The parameter ${name} is missing.`);
  }
  return value;
}
