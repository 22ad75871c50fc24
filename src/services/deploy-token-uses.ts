import type { Actor, DoorName } from '../access/actor.js';
import {
  dayOf,
  type DeployToken,
  type DeployTokenDay,
  type DeployTokenUse,
} from '../access/deploy-token.js';
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
interface WaitingUse {
  last: Use;
  /** In milliseconds: a number that changes a thousand times a second leaves no garbage, a Date does. */
  usedAt: number;
  /** Not written yet; of one day, unless the database was away at midnight. */
  days: Count[];
}

interface Count {
  readonly day: number;
  uses: number;
}

/** A request that is over, as far as it tells of a use. */
export interface UsedRequest {
  readonly door: DoorName | null;
  readonly actor: Actor | null;
  readonly clientAddress: string;
  readonly userAgent: string;
  readonly repository: string | null;
  /** Null where the request failed before that was decided. */
  readonly granted: readonly string[] | null;
  /** What was asked for and not granted. */
  readonly refused: readonly unknown[];
  readonly refusedCredentials: {
    readonly refusal: string;
    readonly deployToken?: Pick<DeployToken, 'id'>;
  } | null;
}

export interface DeployTokenUses {
  /**
   * Remembers what a deploy token was used for: a login, or something that it was granted. An ended one
   * that is presented shows as its last use, and is not counted among the uses of the day.
   */
  readonly observeRequest: (request: UsedRequest) => void;
  /** Writes the last use of each token that was not written lately, and the uses since. */
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

  async function writeBatch(batch: readonly Due[]): Promise<void> {
    await store.write(async ({ deployTokenUses, deployTokenDays }) => {
      await deployTokenUses.put(batch.map(lastUseOf));
      await deployTokenDays.add(batch.flatMap(({ days }) => days));
    });
    const at = now().getTime();
    for (const { deployTokenId } of batch) {
      writtenAt.delete(deployTokenId);
      writtenAt.set(deployTokenId, at);
    }
  }

  async function write(
    isDue: (deployTokenId: number) => boolean,
    batchSize: number,
  ): Promise<void> {
    const due = [...waiting]
      .filter(([deployTokenId]) => isDue(deployTokenId))
      .map(([deployTokenId, use]) => dueOf(deployTokenId, use));
    for (let start = 0; start < due.length; start += batchSize) {
      const batch = due.slice(start, start + batchSize);
      await writeBatch(batch);
      for (const written of batch) {
        forgetWritten(written);
      }
    }
  }

  /** Another use that came in meanwhile waits for the next time. */
  function forgetWritten({ deployTokenId, last, usedAt, days }: Due): void {
    const use = waiting.get(deployTokenId);
    if (use === undefined) {
      return;
    }
    for (const { day, uses } of days) {
      count(use.days, day, -uses);
    }
    use.days = use.days.filter(({ uses }) => uses > 0);
    if (use.last === last && use.usedAt === usedAt && use.days.length === 0) {
      waiting.delete(deployTokenId);
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

  /** Null where too many wait already. */
  function remember(id: number, use: Use): WaitingUse | null {
    const usedAt = now().getTime();
    const known = waiting.get(id);
    if (known !== undefined) {
      known.usedAt = usedAt;
      if (!isAlike(known.last, use)) {
        known.last = ownUse(use);
      }
      return known;
    }
    if (waiting.size >= MAX_WAITING) {
      return null;
    }
    const first = { last: ownUse(use), usedAt, days: [] };
    waiting.set(id, first);
    return first;
  }

  return {
    observeRequest(request) {
      const { door, clientAddress: address, userAgent, repository } = request;
      const id = presentedToken(request);
      if (id !== null && (door === 'registry' || door === 'git')) {
        const fault = request.refusedCredentials?.refusal === 'line_break' ? 'line_break' : null;
        const use = remember(id, { door, address, userAgent, repository, fault });
        if (use !== null && request.refusedCredentials === null) {
          count(use.days, dayOf(use.usedAt), 1);
        }
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

/** A login, which asks for nothing, and whatever was granted in part. */
function wasAllowed({ granted, refused }: UsedRequest): boolean {
  return granted !== null && (granted.length > 0 || refused.length === 0);
}

function count(days: Count[], day: number, uses: number): void {
  for (const each of days) {
    if (each.day === day) {
      each.uses += uses;
      return;
    }
  }
  days.push({ day, uses });
}

/** What is to be written of one token. */
interface Due {
  readonly deployTokenId: number;
  readonly last: Use;
  readonly usedAt: number;
  readonly days: readonly DeployTokenDay[];
}

function dueOf(deployTokenId: number, { last, usedAt, days }: WaitingUse): Due {
  // Copies: requests go on counting while these are written.
  return { deployTokenId, last, usedAt, days: days.map((each) => ({ ...each, deployTokenId })) };
}

function lastUseOf({ deployTokenId, last, usedAt }: Due): DeployTokenUse {
  return { ...last, deployTokenId, usedAt: new Date(usedAt) };
}

/** Cut to what the columns hold, and without a hold on the request that it is from. */
function ownUse({ door, address, userAgent, repository, fault }: Use): Use {
  return {
    door,
    fault,
    address: ownText(address.slice(0, MAX_ADDRESS)),
    userAgent: ownText(userAgent.slice(0, MAX_TEXT)),
    repository: repository && ownText(repository.replaceAll(/\p{Cc}/gu, '').slice(0, MAX_TEXT)),
  };
}

/** Refusals of a genuine secret that somebody should know of who looks at the token. */
const TOLD_AS_USE: ReadonlySet<string> = new Set(['expired', 'revoked', 'line_break']);

/** Whose secret came with it and was of use, or is refused because it has ended or is stored wrongly. */
function presentedToken(request: UsedRequest): number | null {
  const { actor, refusedCredentials } = request;
  if (actor?.kind === 'deploy-token') {
    return wasAllowed(request) ? actor.token.id : null;
  }
  return refusedCredentials !== null && TOLD_AS_USE.has(refusedCredentials.refusal)
    ? (refusedCredentials.deployToken?.id ?? null)
    : null;
}

function isAlike(one: Use, other: Use): boolean {
  return (
    one.door === other.door &&
    one.address === other.address &&
    one.userAgent === other.userAgent &&
    one.repository === other.repository &&
    one.fault === other.fault
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
