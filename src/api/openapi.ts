/** The API as an OpenAPI 3.1 document, made from the very schemas that check the requests. */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { endpoint, type Endpoint, type Reply } from './endpoint.js';
import { ErrorAnswer, ProblemsByField } from './errors.js';
import { pageHeaders, pageWanted } from './pagination.js';

export const PREFIX = '/api/v4';

type Json = Record<string, unknown>;

const Document = z.looseObject({
  openapi: z.string(),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

/** What the document holds once and refers to, by name. */
type NamedSchemas = z.core.$ZodRegistry<{ id: string }>;

const SECURITY_SCHEMES = {
  privateToken: { type: 'apiKey', in: 'header', name: 'PRIVATE-TOKEN' },
  bearer: { type: 'http', scheme: 'bearer' },
};
const WITH_TOKEN = [{ privateToken: [] }, { bearer: [] }];

export function openApiEndpoint(others: readonly Endpoint[]): Endpoint {
  const own: Endpoint = endpoint({
    method: 'get',
    path: '/openapi.json',
    summary: 'This document.',
    forAnonymous: true,
    parameters: {},
    answer: Document,
    async run({ version }) {
      return await Promise.resolve(openApiDocument([...others, own], version));
    },
  });
  let reply: Reply | null = null;
  return {
    ...own,
    async run({ version }) {
      reply ??= constantReply(openApiDocument([...others, own], version));
      return await Promise.resolve(reply);
    },
  };
}

/** Made once: it takes as much CPU as hundreds of pulls. */
function constantReply(answer: z.infer<typeof Document>): Reply {
  const body = Buffer.from(JSON.stringify(answer));
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  const type = 'application/json; charset=utf-8';
  return { status: 200, body, headers: { 'content-type': type, etag } };
}

export function openApiDocument(
  endpoints: readonly Endpoint[],
  version: string,
): z.infer<typeof Document> {
  const named: NamedSchemas = z.registry();
  const paths = new Map<string, Json>();
  for (const each of endpoints) {
    const path = each.path.replaceAll(/:(\w+)/g, '{$1}');
    paths.set(path, { ...paths.get(path), [each.method]: operation(each, named) });
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pullgate',
      version,
      description: "GitLab's REST API, version 4, as far as deploy tokens need it.",
    },
    servers: [{ url: PREFIX }],
    paths: Object.fromEntries(paths),
    components: { securitySchemes: SECURITY_SCHEMES, schemas: schemasOf(named) },
  };
}

function schemasOf(named: NamedSchemas): Json {
  const { schemas } = z.toJSONSchema(named, { io: 'input', uri: addressOf });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, inner(schema)]));
}

function addressOf(id: string): string {
  return `#/components/schemas/${id}`;
}

function refer(named: NamedSchemas, schema: z.core.$ZodType, id: string): Json {
  named.add(schema, { id });
  return { $ref: addressOf(id) };
}

function operation(each: Endpoint, named: NamedSchemas): Json {
  const { path, method, summary, forAnonymous, parameters } = each;
  const operationId = nameOf(each);
  const isBody = method === 'post' || method === 'put';
  const entries = Object.entries(parameters);
  const inPath = entries.filter(([name]) => path.split('/').includes(`:${name}`));
  const others = entries.filter((entry) => !inPath.includes(entry));
  const body = Object.fromEntries(others);
  return {
    operationId,
    summary,
    security: forAnonymous ? [{}, ...WITH_TOKEN] : WITH_TOKEN,
    parameters: [
      ...inPath.map(([name, schema]) => parameter('path', name, schema)),
      ...(isBody ? [] : others.map(([name, schema]) => parameter('query', name, schema))),
    ],
    ...(isBody && others.length > 0 && { requestBody: requestBody(each, body, named) }),
    responses: {
      [each.status]: success(each, named),
      ...Object.fromEntries(refusalsOf(each).map((status) => [status, failure(status, named)])),
    },
  };
}

function parameter(place: 'path' | 'query', name: string, schema: z.core.$ZodType): Json {
  const { description, ...rest } = schemaOf(schema);
  const isRequired = !z.safeParse(schema, undefined).success;
  return {
    name,
    in: place,
    required: isRequired,
    schema: rest,
    ...(description !== undefined && { description }),
  };
}

function nameOf({ method, path }: Endpoint): string {
  return `${method}${path.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
}

function requestBody(each: Endpoint, shape: z.ZodRawShape, named: NamedSchemas): Json {
  const object = z.object(shape).meta(each.bodyRule);
  const media = { schema: refer(named, object, `${nameOf(each)}Body`) };
  return {
    required: Object.keys(each.bodyRule).length > 0 || !object.safeParse({}).success,
    content: { 'application/json': media, 'application/x-www-form-urlencoded': media },
  };
}

function success({ status, answer, isList, summary }: Endpoint, named: NamedSchemas): Json {
  return {
    description: summary,
    ...(status !== 204 && { content: { 'application/json': { schema: answerOf(answer, named) } } }),
    ...(isList && { headers: listHeaders() }),
  };
}

function answerOf(answer: z.core.$ZodType, named: NamedSchemas): Json {
  if (answer instanceof z.ZodArray) {
    return { type: 'array', items: answerOf(answer.element, named) };
  }
  const id = z.globalRegistry.get(answer)?.id;
  if (id !== undefined) {
    return refer(named, answer, id);
  }
  return answer instanceof z.ZodUnion
    ? { anyOf: answer.options.map((option) => answerOf(option, named)) }
    : schemaOf(answer);
}

/** The names of what a list is sent with, taken from a list of nothing. */
function listHeaders(): Json {
  const nothing = { next: null, total: 0 };
  const names = Object.keys(pageHeaders(pageWanted({}), nothing, { url: '', filters: new Map() }));
  return Object.fromEntries(names.map((name) => [name, { schema: { type: 'string' } }]));
}

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'What was sent is wrong.',
  401: 'No token, or none that counts.',
  403: 'The token, or whom it stands for, may not do this.',
  404: 'There is no such thing, or one that may not be seen.',
  405: 'A page so far behind is reached by `pagination=keyset`.',
  409: 'It is in the way of what is there.',
  413: 'The body is too large.',
  415: 'The body is neither JSON nor a form.',
  429: 'Too many requests: `Retry-After` tells when to try again.',
  503: 'The database, or what else is needed, is away.',
  507: 'The disk is full.',
};

/** The statuses that an endpoint can refuse with. */
export function refusalsOf({ method, isList }: Endpoint): readonly number[] {
  const always = [400, 401, 403, 404, 429, 503];
  const ofLists = isList ? [405] : [];
  const ofWrites = method === 'get' ? [] : [409, 413, 415, 507];
  return [...always, ...ofLists, ...ofWrites].toSorted((a, b) => a - b);
}

function failure(status: number, named: NamedSchemas): Json {
  refer(named, ProblemsByField, 'ProblemsByField');
  return {
    description: REFUSALS[status],
    content: { 'application/json': { schema: answerOf(ErrorAnswer, named) } },
  };
}

function schemaOf(schema: z.core.$ZodType): Json {
  return inner(z.toJSONSchema(schema, { io: 'input' }));
}

/** Without what only a JSON schema that is a document of its own has. */
function inner(schema: z.core.JSONSchema.BaseSchema): Json {
  const { $schema: _, $id: __, ...rest } = schema;
  return rest;
}
