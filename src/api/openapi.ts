/** The API as an OpenAPI 3.1 document, made from the very schemas that check the requests. */

import { z } from 'zod';
import { endpoint, type Endpoint } from './endpoint.js';
import { ErrorAnswer } from './errors.js';
import { pageHeaders } from './pagination.js';

export const PREFIX = '/api/v4';

type Json = Record<string, unknown>;

const Schemas = z.record(z.string(), z.unknown());
const Document = z.looseObject({
  openapi: z.string(),
  components: z.looseObject({ schemas: Schemas }),
});

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
  return own;
}

function document(endpoints: readonly Endpoint[], version: string): z.infer<typeof Document> {
  const paths = new Map<string, Json>();
  for (const each of endpoints) {
    const path = each.path.replaceAll(/:(\w+)/g, '{$1}');
    paths.set(path, { ...paths.get(path), [each.method]: operation(each) });
  }
  return hoisted({
    openapi: '3.1.0',
    info: {
      title: 'Pullgate',
      version,
      description: "GitLab's REST API, version 4, as far as deploy tokens need it.",
    },
    servers: [{ url: PREFIX }],
    paths: Object.fromEntries(paths),
    components: { securitySchemes: SECURITY_SCHEMES, schemas: { Error: schemaOf(ErrorAnswer) } },
  });
}

/** Moves the named schemas, which zod puts beside each use, to where the document has them once. */
function hoisted(found: Json): z.infer<typeof Document> {
  const named: Json = {};
  const text = JSON.stringify(found, (key, value: unknown) => {
    if (key !== '$defs') {
      return value;
    }
    Object.assign(named, value);
    return undefined;
  });
  const { components, ...rest } = Document.parse(JSON.parse(inPlace(text)));
  const schemas = Schemas.parse(JSON.parse(inPlace(JSON.stringify(named))));
  return { ...rest, components: { ...components, schemas: { ...components.schemas, ...schemas } } };
}

function inPlace(text: string): string {
  return text.replaceAll('"#/$defs/', '"#/components/schemas/');
}

function operation(each: Endpoint): Json {
  const { path, method, summary, forAnonymous, parameters } = each;
  const isBody = method === 'post' || method === 'put';
  const entries = Object.entries(parameters);
  const inPath = entries.filter(([name]) => path.split('/').includes(`:${name}`));
  const others = entries.filter((entry) => !inPath.includes(entry));
  return {
    operationId: `${method}${path.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    security: forAnonymous ? [{}, ...WITH_TOKEN] : WITH_TOKEN,
    parameters: [
      ...inPath.map(([name, schema]) => parameter('path', name, schema)),
      ...(isBody ? [] : others.map(([name, schema]) => parameter('query', name, schema))),
    ],
    ...(isBody && others.length > 0 && { requestBody: requestBody(Object.fromEntries(others)) }),
    responses: { [each.status]: success(each), default: failure() },
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

function requestBody(shape: z.ZodRawShape): Json {
  const object = z.object(shape);
  const media = { schema: schemaOf(object) };
  return {
    required: !object.safeParse({}).success,
    content: { 'application/json': media, 'application/x-www-form-urlencoded': media },
  };
}

function success({ status, answer, isList, summary }: Endpoint): Json {
  return {
    description: summary,
    ...(status !== 204 && { content: { 'application/json': { schema: schemaOf(answer) } } }),
    ...(isList && { headers: listHeaders() }),
  };
}

/** The names of what a list is sent with, taken from a list of nothing. */
function listHeaders(): Json {
  const names = Object.keys(
    pageHeaders({ page: 1, perPage: 1 }, { total: 0 }, { url: '', filters: new Map() }),
  );
  return Object.fromEntries(names.map((name) => [name, { schema: { type: 'string' } }]));
}

function failure(): Json {
  return {
    description: 'A refusal: 400, 401, 403, 404, 409, 413, 415, 429 or 503.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
}

function schemaOf(schema: z.core.$ZodType): Json {
  const { $schema: _, id: __, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
