/**
 * A client of the API that holds every answer against the schema which the API declares for it: an
 * answer that has more, less or other than that fails the test, whatever the test is about.
 */

import { z } from 'zod';
import type { AccessTokenScope } from '../../src/access/access-token.js';
import type { User } from '../../src/access/user.js';
import type { Endpoint } from '../../src/api/endpoint.js';
import { ENDPOINTS } from '../../src/api/endpoints.js';
import { ErrorAnswer } from '../../src/api/errors.js';
import { refusalsOf } from '../../src/api/openapi.js';
import { newAccessToken, newUser } from '../doors/app-data.js';
import type { TestApp } from '../support/start-app.js';
import { send, type Answer } from '../support/token-client.js';

export const API = '/api/v4';

export interface ApiClient {
  readonly get: (path: string) => Promise<Answer>;
  readonly post: (path: string, body?: object) => Promise<Answer>;
  readonly put: (path: string, body?: object) => Promise<Answer>;
  readonly delete: (path: string) => Promise<Answer>;
  readonly ask: (method: string, path: string, body?: object) => Promise<Answer>;
}

/** Asks with this personal access token; as nobody without one. */
export function apiClient(app: TestApp, secret: string | null): ApiClient {
  async function ask(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await send(app.origin, {
      method,
      target: API + path,
      headers: {
        ...(secret === null ? {} : { 'private-token': secret }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? '' : JSON.stringify(body),
    });
    requireDeclared(method, path, answer);
    return answer;
  }
  return {
    get: async (path) => await ask('GET', path),
    post: async (path, body = {}) => await ask('POST', path, body),
    put: async (path, body = {}) => await ask('PUT', path, body),
    delete: async (path) => await ask('DELETE', path),
    ask,
  };
}

export function requireDeclared(method: string, path: string, answer: Answer): void {
  if (answer.headers['content-type'] !== (answer.status === 204 ? undefined : 'application/json')) {
    throw new Error(`${method} ${path} has the content type ${answer.headers['content-type']}`);
  }
  const endpoint = endpointOf(method, path);
  if (answer.status >= 400) {
    ErrorAnswer.parse(answer.body);
    if (endpoint !== undefined && !refusalsOf(endpoint).includes(answer.status)) {
      throw new Error(`${method} ${path} answered ${answer.status}, which is declared nowhere`);
    }
    return;
  }
  if (endpoint === undefined || endpoint.status !== answer.status) {
    throw new Error(`${method} ${path} answered ${answer.status}, which is declared nowhere`);
  }
  if (answer.status === 204) {
    z.literal('').parse(answer.text);
    return;
  }
  endpoint.answer.parse(answer.body);
}

function endpointOf(method: string, path: string): Endpoint | undefined {
  const [target = ''] = path.split('?', 1);
  return ENDPOINTS.find(
    (endpoint) =>
      endpoint.method === method.toLowerCase() &&
      new RegExp(`^${endpoint.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(target),
  );
}

export async function clientOf(
  app: TestApp,
  user: User,
  ...scopes: AccessTokenScope[]
): Promise<ApiClient> {
  const token = await newAccessToken(app, user, scopes.length === 0 ? ['api'] : scopes);
  return apiClient(app, token.secret);
}

export async function newAdministrator(app: TestApp): Promise<ApiClient> {
  return await clientOf(app, (await newUser(app, { isAdmin: true })).user);
}

/** A project's path as a part of an address. */
export function encoded(path: string): string {
  return encodeURIComponent(path);
}

const WithId = z.looseObject({ id: z.int() });

export function idIn(answer: Answer): number {
  return WithId.parse(answer.body).id;
}

export function idsIn(answer: Answer): number[] {
  return z
    .array(WithId)
    .parse(answer.body)
    .map(({ id }) => id);
}

/** One field of an answer that is an object. */
export function fieldOf(answer: Answer, name: string): unknown {
  return z.record(z.string(), z.unknown()).parse(answer.body)[name];
}

/** One field of each item of a list. */
export function textsIn(answer: Answer, name: string): string[] {
  const items = z.array(z.record(z.string(), z.unknown())).parse(answer.body);
  return items.map((item) => z.string().parse(item[name]));
}

export function textIn(answer: Answer, name: string): string {
  return z.string().parse(fieldOf(answer, name));
}

/** What a refusal says, under whichever of the two names. */
export const NOT_FOUND = { message: '404 Not found' };
export const NO_PROJECT = { message: '404 Project Not Found' };
export const FORBIDDEN = { message: '403 Forbidden' };
export const UNAUTHORIZED = { message: '401 Unauthorized' };
