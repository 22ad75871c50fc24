/** The registry's `WWW-Authenticate`: distribution, spec/auth/token.md. */
export interface Challenge {
  readonly realm: string;
  readonly service: string;
}

const PARAMETER = /([a-z]+)="((?:[^"\\]|\\.)*)"/gi;

/** Null for one that does not send clients to a token server. */
export function parseChallenge(header: string | null): Challenge | null {
  if (header === null || !/^bearer\s/i.test(header)) {
    return null;
  }
  const parameters = new Map(
    [...header.matchAll(PARAMETER)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      value.replaceAll(/\\(.)/g, '$1'),
    ]),
  );
  const realm = parameters.get('realm');
  return realm === undefined || !URL.canParse(realm)
    ? null
    : { realm, service: parameters.get('service') ?? '' };
}
