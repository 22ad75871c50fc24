/** Values that a JSON schema of the OpenAPI document allows, as far as the document uses JSON schema. */

import * as fc from 'fast-check';
import { z } from 'zod';
import { codePoints } from '../property/arbitraries.js';
import { charactersIn } from '../../src/services/problems.js';

type Json = Readonly<Record<string, unknown>>;

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.looseObject({})).optional(),
  items: z.looseObject({}).optional(),
  minItems: z.number().optional(),
  minLength: z.number().default(0),
  maxLength: z.number().default(30),
  pattern: z.string().optional(),
  format: z.string().optional(),
  minimum: z.number().default(-1000),
  maximum: z.number().default(1000),
});

const Items = z.looseObject({}).default({});

/** One that uses something else of JSON schema fails, so that no rule of it goes untried. */
const KNOWN = [...Object.keys(Schema.shape), 'description'];

export function valuesOf(json: Json): fc.Arbitrary<unknown> {
  const unknown = Object.keys(json).filter((key) => !KNOWN.includes(key));
  if (unknown.length > 0) {
    throw new Error(`the document uses ${unknown.join(', ')}`);
  }
  const schema = Schema.parse(json);
  if ('const' in json) {
    return fc.constant(schema.const);
  }
  if (schema.enum !== undefined) {
    return fc.constantFrom(...schema.enum);
  }
  if (schema.anyOf !== undefined) {
    const { anyOf: _, ...beside } = json;
    return fc.oneof(...schema.anyOf.map((each) => valuesOf(both(each, beside))));
  }
  if (Array.isArray(schema.type)) {
    return fc.oneof(...schema.type.map((type) => valuesOf({ ...json, type })));
  }
  return valuesOfType(schema);
}

/** The stricter of two bounds; of two patterns the one beside. */
function both(one: Json, beside: Json): Json {
  const minimum = Math.max(Number(one['minimum'] ?? -1000), Number(beside['minimum'] ?? -1000));
  const maximum = Math.min(Number(one['maximum'] ?? 1000), Number(beside['maximum'] ?? 1000));
  const items = { ...Items.parse(one['items']), ...Items.parse(beside['items']) };
  return {
    ...one,
    ...beside,
    ...('items' in one && { items }),
    ...(one['type'] === 'integer' && { minimum, maximum }),
  };
}

function valuesOfType(schema: z.output<typeof Schema>): fc.Arbitrary<unknown> {
  const { minLength, maxLength, minimum, maximum } = schema;
  const { type = '' } = schema;
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Math.max(minimum, -1000), max: Math.min(maximum, 1_000_000) });
    case 'number':
      return fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: 3,
      });
    case 'string':
      return texts(schema, { minLength, maxLength });
    default:
      throw new Error(`the document has the type ${String(type)}`);
  }
}

function texts(
  { pattern, format }: z.output<typeof Schema>,
  length: { readonly minLength: number; readonly maxLength: number },
): fc.Arbitrary<string> {
  const days = fc.date({
    min: new Date('2001-01-01T00:00:00Z'),
    max: new Date('9998-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  if (format === 'date') {
    return days.map((day) => day.toISOString().slice(0, 10));
  }
  if (format === 'date-time') {
    return days.map((day) => day.toISOString());
  }
  const made =
    pattern === undefined
      ? codePoints(length)
      : fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: length.maxLength });
  return made.filter((text) => {
    const characters = charactersIn(text);
    return characters >= length.minLength && characters <= length.maxLength;
  });
}

const Variant = z.looseObject({
  required: z.array(z.string()),
  properties: z.record(z.string(), z.looseObject({})).default({}),
});
const Body = z.strictObject({
  type: z.literal('object'),
  properties: z.record(z.string(), z.looseObject({})),
  required: z.array(z.string()).default([]),
  /** Which of them have to be there. */
  anyOf: z.array(Variant).optional(),
  oneOf: z.array(Variant).optional(),
  /** Which do not come together. */
  not: Variant.optional(),
});

export function bodiesOf(json: Json): fc.Arbitrary<Record<string, unknown>> {
  const { properties, required, anyOf, oneOf, not } = Body.parse(json);
  const variants = anyOf ?? oneOf ?? [{ required: [], properties: {} }];
  const apart = oneOf?.flatMap((each) => each.required) ?? [];
  return fc.oneof(
    ...variants.map((variant) => {
      const known = Object.entries({ ...properties, ...variant.properties }).filter(
        ([name]) => variant.required.includes(name) || !apart.includes(name),
      );
      const values = Object.fromEntries(known.map(([name, each]) => [name, valuesOf(each)]));
      const always = [...required, ...variant.required];
      return fc
        .record(values, { requiredKeys: always })
        .map((body) => without(body, not?.required ?? [], always));
    }),
  );
}

/** Without all but the first of those that do not come together. */
function without(
  body: Record<string, unknown>,
  apart: readonly string[],
  always: readonly string[],
): Record<string, unknown> {
  const [, ...others] = apart.filter((name) => name in body);
  const dropped = others.filter((name) => !always.includes(name));
  return Object.fromEntries(Object.entries(body).filter(([name]) => !dropped.includes(name)));
}
