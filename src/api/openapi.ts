/** The API as an OpenAPI 3.1 document, made from the very schemas that check the requests. */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { endpoint, type Endpoint, type Reply } from './endpoint.js';
import { ErrorAnswer } from './errors.js';
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
      return await Promise.resolve(document([...others, own], version));
    },
  });
  let reply: Reply | null = null;
  return {
    ...own,
    async run({ version }) {
      reply ??= constantReply(document([...others, own], version));
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

function document(endpoints: readonly Endpoint[], version: string): z.infer<typeof Document> {
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
  const operationId = `${method}${path.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
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
    ...(isBody &&
      others.length > 0 && { requestBody: requestBody(body, `${operationId}Body`, named) }),
    responses: { [each.status]: success(each, named), default: failure(named) },
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

function requestBody(shape: z.ZodRawShape, id: string, named: NamedSchemas): Json {
  const object = z.object(shape);
  const media = { schema: refer(named, object, id) };
  return {
    required: !object.safeParse({}).success,
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

function failure(named: NamedSchemas): Json {
  return {
    description: 'A refusal: 400, 401, 403, 404, 405, 409, 413, 415, 429 or 503.',
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
