import type { DeployTokenCounts } from '../store/deploy-token-store.js';
import type { Store } from '../store/open-store.js';

/** How old a count may be: whoever asks more often costs the database nothing. */
const FRESH_MS = 60_000;
const SOON_MS = 7 * 24 * 60 * 60 * 1000;

/** Counts the active deploy tokens, and those that expire within seven days, at most once a minute. */
export function deployTokenCounts({
  store,
  now,
}: {
  readonly store: Pick<Store, 'deployTokens'>;
  readonly now: () => Date;
}): () => Promise<DeployTokenCounts> {
  let last: { readonly at: number; readonly counts: Promise<DeployTokenCounts> } | null = null;

  async function count(at: Date): Promise<DeployTokenCounts> {
    try {
      return await store.deployTokens.countActive(at, new Date(at.getTime() + SOON_MS));
    } catch (error) {
      last = null;
      throw error;
    }
  }

  return async () => {
    const at = now();
    if (last === null || at.getTime() - last.at >= FRESH_MS) {
      last = { at: at.getTime(), counts: count(at) };
    }
    return await last.counts;
  };
}
