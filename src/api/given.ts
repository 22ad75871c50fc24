/**
 * What a request gives, by name: GitLab takes parameters from the query, from a form or from JSON, and
 * clients use all three. What is in the body wins over the query, the address over both.
 */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { decodeUtf8 } from '../http/utf8.js';
import { readBody } from '../http/body.js';
import { parseForm } from '../http/form.js';
import { Refusal, wrongParameters } from './errors.js';

const MAX_BODY_BYTES = 64 * 1024;
const JSON_TYPE = /^application\/json(?:;|$)/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded(?:;|$)/i;

/** What is written in lines, also in a form: Ruby's and Java's clients send forms. */
const IN_LINES = {
  withLines: new Set([
    'description',
    'note',
    'suggestion_commit_message',
    'merge_commit_template',
    'squash_commit_template',
    'issues_template',
    'merge_requests_template',
  ]),
};

export type Given = ReadonlyMap<string, unknown>;

export interface GivenIn {
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly query: string;
  readonly address: Readonly<Record<string, string>>;
}

/** Empty for a request that has no business with one. */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  return ['GET', 'HEAD'].includes(request.method ?? '')
    ? Buffer.alloc(0)
    : await readBody(request, MAX_BODY_BYTES);
}

export function givenIn({ headers, bytes, query, address }: GivenIn): Given {
  return new Map([...formOf(query), ...bodyOf(headers, bytes), ...Object.entries(address)]);
}

function bodyOf(headers: IncomingHttpHeaders, bytes: Buffer): Iterable<[string, unknown]> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers;
  if (bytes.length === 0) {
    return [];
  }
  if (encoding !== 'identity') {
    throw unsupported(`The provided content-encoding '${encoding}' is not supported.`);
  }
  if (JSON_TYPE.test(type)) {
    return jsonOf(bytes);
  }
  if (FORM_TYPE.test(type)) {
    return formOf(bytes.toString('latin1'));
  }
  throw unsupported(`The provided content-type '${type}' is not supported.`);
}

function unsupported(text: string): Refusal {
  return new Refusal(415, { error: text });
}

function formOf(text: string): [string, unknown][] {
  const form = parseForm(text, IN_LINES);
  if (form === null) {
    throw wrongParameters('parameters are not well-formed UTF-8 text');
  }
  return Array.from(form, ([name, values]) =>
    name.endsWith('[]')
      ? [name.slice(0, -2), values]
      : [name, values.length === 1 ? values[0] : values],
  );
}

/** Entries, and no object with the caller's keys in it: `__proto__` stays a name like any other. */
function jsonOf(bytes: Buffer): [string, unknown][] {
  const body = parseJson(decodeUtf8(bytes));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw wrongParameters('message body does not match declared format');
  }
  return Object.entries(body);
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
