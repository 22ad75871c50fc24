/** The types that parameters have, as GitLab reads them: a number may come as text, a list with commas. */

import { z } from 'zod';
import { parseExpiryDate } from '../access/expiry.js';
import { wrongParameters } from './errors.js';
import type { Given } from './given.js';

const INVALID = { error: 'is invalid' };
const WRONG_VALUE = { error: 'does not have a valid value' };
/** An id fits the databases' integer columns. */
const MAX_INTEGER = 2 ** 31 - 1;
/** Of fifteen digits, as a text has them at most. */
const LONGEST_INTEGER = 10 ** 15 - 1;

/** What can be stored, and sent back as it came: no half of a surrogate pair, and no NUL. */
function isKeepable(value: string): boolean {
  return !/[\0\p{Cs}]/u.test(value);
}

/** A query and a form hold no control characters. */
const KEEPABLE = { pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$' };

export const text = z
  .union([z.string(), z.number().transform(String)], INVALID)
  .refine(isKeepable, INVALID)
  .meta(KEEPABLE);

/** Of which a rule counts the characters: no number. */
export const textOnly = z.string(INVALID).refine(isKeepable, INVALID).meta(KEEPABLE);

/**
 * What the OpenAPI document says of a text beside its type, as a service checks it. Every such word is held
 * by a property over the document.
 */
const PRINTED = '[^\\u0000-\\u001f\\u007f-\\u009f]';

/** A name for people, on one line. */
export const label = text.meta({
  minLength: 1,
  maxLength: 255,
  pattern: `^${PRINTED}*[^\\s\\u0000-\\u001f\\u007f-\\u009f]${PRINTED}*$`,
});

export const filled = text.meta({ minLength: 1 });

/** Of a parameter that is there to be refused, with why: whatever is not blank. */
/** Of what is kept as it was sent, in lines. */
export function shorterThan(characters: number): typeof text {
  return text.meta({
    maxLength: characters,
    pattern: '^[^\\u0000-\\u0009\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$',
  });
}

export const refusedText = text.meta({ enum: [''] });

export const integer = z
  .union(
    [
      z.int(INVALID).min(-LONGEST_INTEGER, INVALID).max(LONGEST_INTEGER, INVALID),
      z.string().regex(/^-?\d{1,15}$/, INVALID),
    ],
    INVALID,
  )
  .transform(Number);

/** What a document says of a number from 1 on, as a number and as a text. */
export const FROM_ONE = { minimum: 1, maximum: MAX_INTEGER, pattern: '^[1-9][0-9]{0,8}$' };

export const id = integer
  .refine((value) => value > 0 && value <= MAX_INTEGER, INVALID)
  .meta(FROM_ONE);

/** As dry-types reads a boolean: Python's clients send `True`. */
const YES = [
  '1',
  'on',
  'On',
  'ON',
  't',
  'true',
  'T',
  'True',
  'TRUE',
  'y',
  'yes',
  'Y',
  'Yes',
  'YES',
];
const NO = [
  '0',
  'off',
  'Off',
  'OFF',
  'f',
  'false',
  'F',
  'False',
  'FALSE',
  'n',
  'no',
  'N',
  'No',
  'NO',
];

export const flag = z
  .union([z.boolean(), z.literal([0, 1]), z.enum([...YES, ...NO], INVALID)], INVALID)
  .transform((value) => value === true || YES.includes(String(value)));

/** One that may only be false, since what it asks for is not done. */
export const refusedFlag = flag.meta({ enum: [false, 0, ...NO] });

/** A project's number or path; a path in an address is encoded, `tanuki%2Fawesome_project`. */
export const projectKey = filled.describe('Number of the project, or its URL-encoded path.');

/** The same of a group. */
export const groupKey = filled.describe('Number of the group, or its URL-encoded path.');

/** `YYYY-MM-DD`: from 00:00 UTC of that date on. */
export const date = z
  .string(INVALID)
  .transform((value, context): Date => {
    return parseExpiryDate(value) ?? refuse(context);
  })
  .meta({ format: 'date' });

/** What Ruby's `DateTime` reads of ISO 8601, of `Time#to_s`, and of what people write. */
const TIME =
  /^(?<day>\d{4}-\d\d-\d\d)[T ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)? ?(?<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;

/** A date, or a time; one without an offset is UTC. */
export const instant = z
  .string(INVALID)
  .transform((value, context): Date => {
    return parseExpiryDate(value) ?? timeIn(value.trim()) ?? refuse(context);
  })
  .meta({ anyOf: [{ format: 'date' }, { format: 'date-time' }] });

/** Null for no time, or one of a day that there is not. */
function timeIn(value: string): Date | null {
  const {
    day,
    hour,
    minute,
    second = '00',
    fraction = '0',
    zone = 'Z',
  } = TIME.exec(value)?.groups ?? {};
  if (day === undefined || parseExpiryDate(day) === null) {
    return null;
  }
  const time = new Date(`${day}T${hour}:${minute}:${second}.${fraction}${offsetIn(zone)}`);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** `+0200` and `+02` as `+02:00`. */
function offsetIn(zone: string): string {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return sign === undefined ? 'Z' : `${sign}${hours}:${minutes}`;
}

/** An array, or a text with commas. */
export function wordsOf<T extends string>(words: readonly [T, ...T[]]): WordList<T> {
  return z
    .union([z.string(), z.array(z.string())], INVALID)
    .transform(parts)
    .pipe(z.array(wordOf(words)))
    .meta({
      minItems: 1,
      items: { enum: [...words] },
      pattern: `^(${words.join('|')})(,(${words.join('|')}))*$`,
    })
    .describe(`Of ${words.join(', ')}: an array, or a text with commas.`);
}

type WordList<T extends string> = z.ZodType<T[], string | string[]>;

export function wordOf<T extends string>(words: readonly T[]): z.ZodType<T, T> {
  return z.enum(words, WRONG_VALUE);
}

/** An array, or a text with commas, whatever the words. */
export const textList = z
  .union([z.string(), z.array(z.string())], INVALID)
  .transform(parts)
  .describe('An array, or a text with commas.');

export const idList = z
  .union([z.string(), z.int(), z.array(z.union([z.string(), z.int()]))], INVALID)
  .transform((value) => (typeof value === 'number' ? [value] : parts(value)))
  .pipe(z.array(id))
  .meta({ ...FROM_ONE, items: FROM_ONE, pattern: '^[1-9][0-9]{0,8}(,[1-9][0-9]{0,8})*$' });

function parts<T>(value: string | readonly T[]): (string | T)[] {
  return typeof value === 'string'
    ? value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
    : [...value];
}

function refuse(context: z.core.$RefinementCtx): never {
  context.addIssue({ code: 'custom', message: INVALID.error });
  return z.NEVER;
}

const TAKES_BLANKS = new WeakSet<z.core.$ZodType>();

/** For a parameter that is set to nothing by an empty text, such as a description. */
export function blankToo<T extends z.ZodType>(schema: T): T {
  TAKES_BLANKS.add(schema);
  return schema;
}

/**
 * The declared parameters of a request, and nothing besides: what is not declared is ignored, as GitLab
 * does. One that is null was not given, and neither was an optional one that is blank, unless it is one
 * that takes blanks.
 */
export function parseParameters<S extends z.ZodRawShape>(
  shape: S,
  given: Given,
): z.output<z.ZodObject<S>> {
  const values = Object.entries(shape).flatMap(([name, schema]) => {
    const value = given.get(name);
    const isAbsent =
      value === undefined ||
      value === null ||
      (value === '' && isOptional(schema) && !TAKES_BLANKS.has(schema));
    return isAbsent ? [] : [[name, value] as const];
  });
  const names = new Set<PropertyKey>(values.map(([name]) => name));
  const parsed = z.object(shape).safeParse(Object.fromEntries(values));
  if (parsed.success) {
    return parsed.data;
  }
  const problems = parsed.error.issues.map(({ path: [name = ''], message }) =>
    names.has(name) ? `${String(name)} ${message}` : `${String(name)} is missing`,
  );
  throw wrongParameters([...new Set(problems)].join(', '));
}

/** One that is blank or false narrows nothing. */
export function refuseFilters(names: readonly string[], given: Given): void {
  const wanted = names.filter((name) => {
    const value = given.get(name);
    return given.has(name) && value !== '' && !NO.includes(String(value));
  });
  if (wanted.length > 0) {
    throw wrongParameters(wanted.map((name) => `${name} is not supported`).join(', '));
  }
}

function isOptional(schema: z.core.$ZodType): boolean {
  return z.safeParse(schema, undefined).success;
}
