import { z } from 'zod';

const Parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query']),
  required: z.boolean(),
  schema: z.looseObject({}),
});
const Operation = z.object({
  parameters: z.array(Parameter),
  requestBody: z
    .object({ content: z.record(z.string(), z.object({ schema: z.object({ $ref: z.string() }) })) })
    .optional(),
  responses: z.record(z.string(), z.unknown()),
});
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), z.looseObject({})) }),
});

export interface DeclaredOperation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly z.output<typeof Parameter>[];
  /** The name of the schema; null for none. */
  readonly bodySchema: string | null;
  readonly statuses: readonly number[];
}

/** The OpenAPI document, operation by operation. */
export function documentOf(answer: unknown): {
  readonly operations: readonly DeclaredOperation[];
  readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
} {
  const { paths, components } = Document.parse(answer);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters, requestBody, responses }]) => ({
      method,
      path,
      parameters,
      bodySchema: requestBody?.content['application/json']?.schema.$ref.split('/').at(-1) ?? null,
      statuses: Object.keys(responses).map(Number),
    })),
  );
  return { operations, schemas: components.schemas };
}
