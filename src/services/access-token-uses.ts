import { accessTokenOf, type Actor } from '../access/actor.js';
import type { Store } from '../store/open-store.js';

/** Between two writes of one token: whoever looks for unused ones thinks in days. */
const REST_MS = 10 * 60 * 1000;
/** What waits while the database is away. */
const MAX_WAITING = 10_000;
/** In one transaction. */
const BATCH = 50;

export interface AccessTokenUses {
  readonly observeRequest: (request: { readonly actor: Actor | null }) => void;
  /** Writes what waits: at once for a token that was never used. */
  readonly write: () => Promise<void>;
}

/** Keeps when personal access tokens were last used, each to within ten minutes. */
export function trackAccessTokenUses({
  store,
  now,
}: {
  readonly store: Pick<Store, 'write'>;
  readonly now: () => Date;
}): AccessTokenUses {
  const waiting = new Map<number, Date>();

  return {
    observeRequest({ actor }) {
      const token = actor?.kind === 'user' ? accessTokenOf(actor) : null;
      if (token === null || waiting.size >= MAX_WAITING) {
        return;
      }
      const at = now();
      if (token.lastUsedAt === null || at.getTime() - token.lastUsedAt.getTime() >= REST_MS) {
        waiting.set(token.id, at);
      }
    },
    async write() {
      while (waiting.size > 0) {
        const batch = [...waiting].slice(0, BATCH);
        await store.write(async ({ accessTokens }) => {
          for (const [id, usedAt] of batch) {
            await accessTokens.setLastUsedAt(id, usedAt);
          }
        });
        // A use that came in meanwhile is as good as the one that was written.
        for (const [id] of batch) {
          waiting.delete(id);
        }
      }
    },
  };
}
