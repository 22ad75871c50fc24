import { wholeSecond, type IssuedToken } from './issue-token.js';

/** Shorter lives are refused by clients: spec/auth/token.md, `expires_in`. */
const MIN_EXPIRES_IN = 60;

/**
 * The JSON of an answer; `withScope` is for a POST alone: spec/auth/oauth.md. Put together by hand, since
 * JSON.stringify looks twice for what to escape in JWTs, which have nothing of the kind.
 */
export function tokenAnswer(
  { jwt, scopes, issuedAt, expiresAt }: IssuedToken,
  { now, withScope }: { readonly now: Date; readonly withScope: boolean },
): string {
  // What is left of the JWT, which may have been signed for somebody before. With less left than
  // clients take, they are told the minimum: the JWT itself still dies on time, and the registry's
  // leeway of 60 s covers the difference.
  const left = Math.floor((expiresAt.getTime() - wholeSecond(now).getTime()) / 1000);
  const expiresIn = Math.max(MIN_EXPIRES_IN, left);
  const more = withScope ? `,"scope":${JSON.stringify(scopes.join(' '))}` : '';
  return (
    `{"token":"${jwt}","access_token":"${jwt}","expires_in":${expiresIn},` +
    `"issued_at":"${issuedAt}"${more}}`
  );
}
