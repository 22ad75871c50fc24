const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const ESCAPED = /[%+]/;
const CONTROL = /\p{Cc}/u;
const CONTROL_IN_LINES = /(?![\r\n])\p{Cc}/u;
const NONE: ReadonlySet<string> = new Set();

/**
 * Reads `application/x-www-form-urlencoded` text, a query string or a body, as name to values in
 * order. Null when it is not well formed: a broken escape, bytes that are not UTF-8, or a control
 * character, none of which a parameter of ours can hold: but for line breaks in the fields named by
 * `withLines`. (URLSearchParams would mend them silently.)
 */
export function parseForm(
  text: string,
  withLines = NONE,
): ReadonlyMap<string, readonly string[]> | null {
  if (!PRINTABLE_ASCII.test(text)) {
    return null;
  }
  const form = new Map<string, string[]>();
  for (const pair of text.split('&')) {
    if (pair === '') {
      continue;
    }
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals), CONTROL);
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1), refusedIn(name, withLines));
    if (equals === 0 || name === null || value === null) {
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

function refusedIn(name: string | null, withLines: ReadonlySet<string>): RegExp {
  return name !== null && withLines.has(name) ? CONTROL_IN_LINES : CONTROL;
}

function decode(text: string, refused: RegExp): string | null {
  if (!ESCAPED.test(text)) {
    return text;
  }
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '));
    return refused.test(decoded) ? null : decoded;
  } catch {
    return null;
  }
}
