import type { Actor, DoorName } from '../access/actor.js';
import type { DeployToken, DeployTokenUse } from '../access/deploy-token.js';
import { ownText } from '../own-text.js';
import type { Store } from '../store/open-store.js';

/** Between two writes of one token. A crash loses at most the uses of this time. */
const REST_MS = 30_000;
/** What is kept of tokens that wait to be written, whatever the database does. */
const MAX_WAITING = 100_000;
/** In one transaction: few enough to hold up no request for more than some milliseconds on SQLite. */
const BATCH = 50;
/** The same at a stop, when time is short and no request is left to hold up. */
const LAST_BATCH = 200;

/** What the columns hold. */
const MAX_ADDRESS = 64;
const MAX_TEXT = 255;

type Use = Omit<DeployTokenUse, 'deployTokenId' | 'usedAt'>;
interface WaitingUse extends Use {
  /** In milliseconds: a number that changes a thousand times a second leaves no garbage, a Date does. */
  usedAt: number;
}

/** A request that is over, as far as it tells of a use. */
export interface UsedRequest {
  readonly door: DoorName | null;
  readonly actor: Actor | null;
  readonly clientAddress: string;
  readonly userAgent: string;
  readonly repository: string | null;
}

export interface DeployTokenUses {
  /** Remembers what a deploy token was used for, if it was one that asked. */
  readonly observeRequest: (request: UsedRequest) => void;
  /** Writes the last use of each token that was not written lately. */
  readonly writeDue: () => Promise<void>;
  /** Writes all that waits: before the store is closed. */
  readonly writeAll: () => Promise<void>;
}

/** Gathers the uses of deploy tokens, so that a busy token costs the database a row each half minute. */
export function trackDeployTokenUses({
  store,
  now,
}: {
  readonly store: Pick<Store, 'write'>;
  readonly now: () => Date;
}): DeployTokenUses {
  const waiting = new Map<number, WaitingUse>();
  /** In milliseconds, the one written first in front. */
  const writtenAt = new Map<number, number>();

  async function writeBatch(uses: readonly DeployTokenUse[]): Promise<void> {
    await store.write(async ({ deployTokenUses }) => {
      await deployTokenUses.put(uses);
    });
    const at = now().getTime();
    for (const use of uses) {
      writtenAt.delete(use.deployTokenId);
      writtenAt.set(use.deployTokenId, at);
    }
  }

  async function write(
    isDue: (deployTokenId: number) => boolean,
    batchSize: number,
  ): Promise<void> {
    // Copies: requests change what waits, while it is written too.
    const due = [...waiting]
      .filter(([deployTokenId]) => isDue(deployTokenId))
      .map(([deployTokenId, use]) => ({ deployTokenId, use, written: { ...use } }));
    for (let start = 0; start < due.length; start += batchSize) {
      const batch = due.slice(start, start + batchSize);
      await writeBatch(
        batch.map(({ deployTokenId, written }) => ({
          ...written,
          deployTokenId,
          usedAt: new Date(written.usedAt),
        })),
      );
      for (const { deployTokenId, use, written } of batch) {
        // Another use that came in meanwhile waits for the next time.
        if (waiting.get(deployTokenId) === use && use.usedAt === written.usedAt) {
          waiting.delete(deployTokenId);
        }
      }
    }
  }

  function forgetRested(): void {
    const rested = now().getTime() - REST_MS;
    for (const [id, at] of writtenAt) {
      if (at > rested) {
        return;
      }
      writtenAt.delete(id);
    }
  }

  function remember(id: number, use: Use): void {
    const last = waiting.get(id);
    if (last !== undefined && isAlike(last, use)) {
      last.usedAt = now().getTime();
    } else if (last !== undefined || waiting.size < MAX_WAITING) {
      waiting.set(id, {
        usedAt: now().getTime(),
        door: use.door,
        address: ownText(use.address.slice(0, MAX_ADDRESS)),
        userAgent: ownText(use.userAgent.slice(0, MAX_TEXT)),
        repository:
          use.repository && ownText(use.repository.replaceAll(/\p{Cc}/gu, '').slice(0, MAX_TEXT)),
      });
    }
  }

  return {
    observeRequest({ door, actor, clientAddress: address, userAgent, repository }) {
      if (actor?.kind === 'deploy-token' && (door === 'registry' || door === 'git')) {
        remember(actor.token.id, { door, address, userAgent, repository });
      }
    },
    async writeDue() {
      forgetRested();
      await write((id) => !writtenAt.has(id), BATCH);
    },
    async writeAll() {
      await write(() => true, LAST_BATCH);
    },
  };
}

function isAlike(one: Use, other: Use): boolean {
  return (
    one.door === other.door &&
    one.address === other.address &&
    one.userAgent === other.userAgent &&
    one.repository === other.repository
  );
}

/** By id; tokens that were never used are not in it. */
export async function lastUsesOf(
  { store }: { readonly store: Pick<Store, 'deployTokenUses'> },
  tokens: readonly DeployToken[],
): Promise<ReadonlyMap<number, DeployTokenUse>> {
  const uses = await store.deployTokenUses.findByTokens(tokens.map(({ id }) => id));
  return new Map(uses.map((use) => [use.deployTokenId, use]));
}
