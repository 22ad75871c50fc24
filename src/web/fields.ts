/** What a form or a query holds: name to values, as http/form.ts reads them. */
export type Fields = ReadonlyMap<string, readonly string[]>;

export const NO_FIELDS: Fields = new Map();

export function fieldText(fields: Fields, name: string): string {
  return fields.get(name)?.[0] ?? '';
}

export function fieldTexts(fields: Fields, name: string): readonly string[] {
  return fields.get(name) ?? [];
}

/** Words separated by commas or blanks, each once. */
export function fieldWords(fields: Fields, name: string): readonly string[] {
  const words = fieldText(fields, name).split(/[\s,]+/);
  return [...new Set(words)].filter((word) => word !== '');
}

/** A positive whole number; null for anything else. */
export function fieldNumber(fields: Fields, name: string): number | null {
  const text = fieldText(fields, name);
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}

/** Neither secrets nor what belongs to one session or one page view. */
const NOT_KEPT = /password|secret|csrf|nonce/i;

/** What may be carried through a sign-in as plain hidden inputs, to fill the form in again. */
export function keptFields(fields: Fields): [name: string, value: string][] {
  return [...fields]
    .filter(([name]) => !NOT_KEPT.test(name))
    .flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
}

export function fieldsOf(pairs: readonly (readonly [string, string])[]): Fields {
  const fields = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  return fields;
}
