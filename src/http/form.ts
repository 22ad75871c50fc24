import { decodeUtf8 } from './utf8.js';

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const ESCAPED = /[%+]/;
const CONTROL = /\p{Cc}/u;
const CONTROL_IN_LINES = /(?![\r\n])\p{Cc}/u;
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i;

const NONE: FormFields = {};

export interface FormFields {
  /** Those that may hold line breaks. */
  readonly withLines?: ReadonlySet<string>;
  /** Those whose values are given as they were sent, for `decodeAnyText`. */
  readonly undecoded?: ReadonlySet<string>;
}

/**
 * Reads `application/x-www-form-urlencoded` text, a query string or a body, as name to values in
 * order. Null when it is not well formed: a broken escape, bytes that are not UTF-8, or a control
 * character, none of which a parameter of ours can hold. (URLSearchParams would mend them silently.)
 */
export function parseForm(
  text: string,
  fields: FormFields = NONE,
): ReadonlyMap<string, readonly string[]> | null {
  const form = new Map<string, string[]>();
  for (const pair of text.split('&')) {
    if (pair === '') {
      continue;
    }
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals), CONTROL);
    if (equals === 0 || name === null) {
      return null;
    }
    const value = valueOf(name, equals === -1 ? '' : pair.slice(equals + 1), fields);
    if (value === null) {
      return null;
    }
    const values = form.get(name);
    if (values === undefined) {
      form.set(name, [value]);
    } else {
      values.push(value);
    }
  }
  return form;
}

function valueOf(name: string, sent: string, fields: FormFields): string | null {
  if (fields.undecoded?.has(name) === true) {
    return sent;
  }
  return decode(sent, fields.withLines?.has(name) === true ? CONTROL_IN_LINES : CONTROL);
}

function decode(text: string, refused: RegExp): string | null {
  if (!PRINTABLE_ASCII.test(text)) {
    return null;
  }
  if (!ESCAPED.test(text)) {
    return text;
  }
  const decoded = unescape(text);
  return decoded === null || refused.test(decoded) ? null : decoded;
}

/**
 * A value of an `undecoded` field, whatever characters it has; null for one that `decodingFault` explains.
 * `text` has a character for each byte. UTF-8 that came without escapes, as from `curl --data`, is read.
 */
export function decodeAnyText(text: string): string | null {
  const utf8 = PRINTABLE_ASCII.test(text) ? text : decodeUtf8(Buffer.from(text, 'latin1'));
  return utf8 === null ? null : unescape(utf8);
}

export function decodingFault(text: string): 'broken_escape' | 'not_utf8' {
  return BROKEN_ESCAPE.test(text) ? 'broken_escape' : 'not_utf8';
}

/** Null for escapes that are broken, or are not UTF-8. */
function unescape(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
