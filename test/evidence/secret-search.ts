/** Looks for secrets in logs, in every form in which a program might have written them. */

import { z } from 'zod';

/** The one line that is meant to hold a secret: the way into a fresh instance. */
const SETUP_MESSAGE = 'no administrator yet: open this link to create the first one';
const SETUP_LINK = /(\/-\/setup\/)[\w-]+/;

const PATTERNS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a JWT', /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a password hash', /\$argon2/],
  ['an Authorization header', /\b(?:Basic|Bearer) [\w+/.-]{12,}/],
];

/** As long as what is looked up at every place of a text; shorter secrets are searched one by one. */
const WINDOW = 16;
/** What secrets and their encodings are made of. */
const WORDS = /[\w+/=.%~-]{16,}/g;
/** Bytes that stand before a secret in base64 shift it by none, two or three characters. */
const BASE64_SHIFTS = [
  [0, 0],
  [1, 2],
  [2, 3],
] as const;

export interface SecretSearch {
  /** What a text holds that it must not, in words that tell no secret. */
  readonly findIn: (text: string) => string[];
}

export function searchFor(secrets: Iterable<string>): SecretSearch {
  const byBeginning = new Map<string, string[]>();
  const short: string[] = [];
  for (const needle of new Set(Array.from(secrets, formsOf).flat())) {
    if (needle.length < WINDOW || /[^\w+/=.%~-]/.test(needle)) {
      short.push(needle);
    } else {
      const beginning = needle.slice(0, WINDOW);
      byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), needle]);
    }
  }

  function findLong(text: string): string[] {
    const words = new Set(Array.from(text.matchAll(WORDS), ([word]) => word));
    return [...words].flatMap((word) =>
      Array.from(word, (_, at) =>
        (byBeginning.get(word.slice(at, at + WINDOW)) ?? []).filter((needle) =>
          word.startsWith(needle, at),
        ),
      ).flat(),
    );
  }

  return {
    findIn(log) {
      const text = withoutSetupLink(log);
      const found = [...findLong(text), ...short.filter((needle) => text.includes(needle))];
      return [
        ...new Set(found.map((needle) => `a secret that is written ${needle.slice(0, 8)}…`)),
        ...PATTERNS.filter(([, pattern]) => pattern.test(text)).map(([what]) => what),
      ];
    },
  };
}

/** As it is, as part of an address or a form, and inside base64 behind whatever username. */
function formsOf(secret: string): string[] {
  // `password of Q3…`: the random part is what can be recognised wherever it stands.
  const random = /[\w-]{24,}$/.exec(secret)?.[0] ?? secret;
  const encoded = encodeURIComponent(random);
  const inBase64 = BASE64_SHIFTS.flatMap(([bytes, characters]) => {
    const shifted = Buffer.concat([Buffer.alloc(bytes), Buffer.from(random)]);
    const whole = Math.floor((shifted.length * 8) / 6);
    return (['base64', 'base64url'] as const).map((form) =>
      shifted.toString(form).slice(characters, whole),
    );
  });
  return [random, encoded, encoded.replaceAll('%20', '+'), ...inBase64];
}

const SetupLine = z.object({ msg: z.literal(SETUP_MESSAGE), link: z.string() });

function withoutSetupLink(log: string): string {
  return log.includes(SETUP_MESSAGE)
    ? log
        .split('\n')
        .map((line) => (isSetupLine(line) ? line.replace(SETUP_LINK, '$1…') : line))
        .join('\n')
    : log;
}

function isSetupLine(line: string): boolean {
  return line.includes(SETUP_MESSAGE) && SetupLine.safeParse(JSON.parse(line)).success;
}
