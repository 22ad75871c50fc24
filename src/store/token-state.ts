/** What both kinds of tokens have in common: an expiry and a revocation, whichever comes first. */

export type TokenState = 'active' | 'inactive';

/** A condition on the rows of `alias`, with `:now` for the instant in milliseconds. */
export function stateIs(alias: string, state: TokenState): string {
  return state === 'active'
    ? `${alias}.revokedAt IS NULL AND (${alias}.expiresAt IS NULL OR ${alias}.expiresAt > :now)`
    : `(${alias}.revokedAt IS NOT NULL OR ${alias}.expiresAt <= :now)`;
}
