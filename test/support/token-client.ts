/** A small client of the token endpoint, over real HTTP, and the shapes that its answers must have. */

import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { decodeJwt } from 'jose';
import { z } from 'zod';

export const SERVICE = 'container_registry';
export const PATHS = ['/token', '/jwt/auth', '/auth/token'] as const;
export const METHODS = ['GET', 'POST'] as const;
export type Method = (typeof METHODS)[number];

export const FORM = 'application/x-www-form-urlencoded';

export interface Answer {
  readonly status: number;
  /** The reason phrase of the status line. */
  readonly phrase: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** What the text is as JSON; null where the answer is not declared to be JSON, or is empty. */
  readonly body: unknown;
}

export interface Login {
  readonly username: string;
  readonly secret: string;
}

export interface Question {
  readonly path?: string;
  readonly service?: string;
  readonly scopes?: readonly string[];
  /** Null, the default, for nobody. */
  readonly login?: Login | null;
  /** Parameters besides. */
  readonly more?: Readonly<Record<string, string>>;
}

export interface HttpRequest {
  readonly method: string;
  /** Sent as it is, without any encoding. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export const AccessEntries = z.array(
  z.strictObject({ type: z.string(), name: z.string(), actions: z.array(z.string()) }),
);
export type AccessEntries = z.infer<typeof AccessEntries>;

const GetAnswer = z.strictObject({
  token: z.string().regex(/^[\w-]+\.[\w-]+\.[\w-]+$/),
  access_token: z.string(),
  expires_in: z.int(),
  issued_at: z.iso.datetime(),
});
const PostAnswer = GetAnswer.extend({ scope: z.string() });

export const ErrorAnswer = z.strictObject({
  errors: z.tuple([
    z.strictObject({ code: z.string().min(1), message: z.string().min(1), detail: z.null() }),
  ]),
});

const Claims = z.strictObject({
  iss: z.string(),
  sub: z.string(),
  aud: z.string(),
  exp: z.int(),
  nbf: z.int(),
  iat: z.int(),
  jti: z.string(),
  access: AccessEntries,
});

/** The fields that a token answer of this method has: no more, no fewer. */
export function tokenAnswer(method: Method, answer: Answer): z.infer<typeof GetAnswer> {
  return (method === 'GET' ? GetAnswer : PostAnswer).parse(answer.body);
}

/** The `errors[0]` of an answer in the registry's error format. */
export function errorOf(answer: Answer): { code: string; message: string } {
  return ErrorAnswer.parse(answer.body).errors[0];
}

export function decodeClaims(jwt: string): z.infer<typeof Claims> {
  return Claims.parse(decodeJwt(jwt));
}

export function decodeAccess(jwt: string): AccessEntries {
  return decodeClaims(jwt).access;
}

/** The access that a token answer holds, whichever method it answers. */
export function grantedBy(answer: Answer): AccessEntries {
  return decodeAccess(z.object({ token: z.string() }).parse(answer.body).token);
}

/** How the access entry of a repository looks. */
export function repository(name: string, ...actions: string[]): AccessEntries[number] {
  return { type: 'repository', name, actions };
}

export function basic({ username, secret }: Login): string {
  return `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
}

export async function ask(origin: string, method: Method, question: Question): Promise<Answer> {
  return await (method === 'GET' ? askByGet : askByPost)(origin, question);
}

/** As docker, podman and crane ask: repeated scopes, Basic credentials. */
export async function askByGet(origin: string, question: Question): Promise<Answer> {
  const { path = '/token', service = SERVICE, scopes = [], login = null, more = {} } = question;
  const query = new URLSearchParams({ ...more, service });
  for (const scope of scopes) {
    query.append('scope', scope);
  }
  return await send(origin, {
    method: 'GET',
    target: `${path}?${query.toString()}`,
    headers: login === null ? {} : { authorization: basic(login) },
  });
}

/** As containerd, BuildKit and helm ask: one form, its scopes parted by spaces. */
export async function askByPost(origin: string, question: Question): Promise<Answer> {
  const { path = '/token', service = SERVICE, scopes = [], login = null, more = {} } = question;
  const form = new URLSearchParams({ grant_type: 'password', client_id: 'test', service, ...more });
  if (scopes.length > 0) {
    form.set('scope', scopes.join(' '));
  }
  if (login !== null) {
    form.set('username', login.username);
    form.set('password', login.secret);
  }
  return await send(origin, {
    method: 'POST',
    target: path,
    headers: { 'content-type': FORM },
    body: form.toString(),
  });
}

/** One request on a connection of its own. */
export async function send(origin: string, message: HttpRequest): Promise<Answer> {
  const { method, target, headers = {}, body = '' } = message;
  const { hostname, port } = new URL(origin);
  return await new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: hostname, port, method, path: target, headers, agent: false },
      (response) => {
        resolve(readAnswer(response));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/**
 * Writes bytes to a new connection and reads whatever comes back until the other side closes, so the
 * bytes must make the server close. A reset after the answer is how a server ends a body it refuses.
 */
export async function sendRaw(origin: string, ...pieces: (string | Buffer)[]): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    received += String(text);
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.write(Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
  await closed;
  return parseAnswer(received);
}

/** Reads an HTTP/1.1 answer that came over a raw socket. */
export function parseAnswer(received: string): Answer {
  const end = received.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = received.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const [, status, ...phrase] = statusLine.split(' ');
  const line = { status: Number(status), phrase: phrase.join(' ') };
  return toAnswer(line, headers, received.slice(end + 4));
}

export async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const text = await readText(response);
  const { statusCode: status = 0, statusMessage: phrase = '' } = response;
  return toAnswer({ status, phrase }, response.headers, text);
}

function toAnswer(
  line: Pick<Answer, 'status' | 'phrase'>,
  headers: IncomingHttpHeaders,
  text: string,
): Answer {
  const isJson = /^application\/json(;|$)/.test(headers['content-type'] ?? '');
  const body: unknown = isJson && text !== '' ? JSON.parse(text) : null;
  return { ...line, headers, text, body };
}
