import type { Actor } from '../access/actor.js';
import { dayOf, startOfDay, type DeployToken } from '../access/deploy-token.js';
import type { Store } from '../store/open-store.js';
import { findDeployToken } from './deploy-tokens.js';
import { inBatches } from './in-batches.js';

/** How long the uses of a day are kept. */
export const DAYS_KEPT = 90;

export interface DeployTokenDayDeps {
  readonly store: Store;
  readonly now: () => Date;
}

export interface DayUses {
  /** 00:00 UTC of it. */
  readonly day: Date;
  readonly uses: number;
}

/**
 * How often a deploy token was used, for whoever sees its project's settings: day by day, the latest
 * last, from the day on which it was made, or counting began.
 */
export async function usesByDay(
  deps: DeployTokenDayDeps,
  actor: Actor,
  { id }: Pick<DeployToken, 'id'>,
): Promise<readonly DayUses[]> {
  const { token } = await findDeployToken(deps, actor, id);
  return (await usesByDayOf(deps, [token], DAYS_KEPT)).get(id) ?? [];
}

/** The same of many tokens, whose list the caller may see; of the last `days` alone. By id. */
export async function usesByDayOf(
  { store, now }: DeployTokenDayDeps,
  tokens: readonly DeployToken[],
  days: number,
): Promise<ReadonlyMap<number, readonly DayUses[]>> {
  const today = dayOf(now().getTime());
  const counting = (await store.deployTokenDays.firstDay()) ?? today;
  const since = Math.max(counting, today - days + 1);
  const ids = tokens.map(({ id }) => id);
  const counted = new Map<number, Map<number, number>>(ids.map((id) => [id, new Map()]));
  for (const { deployTokenId, day, uses } of await store.deployTokenDays.findByTokens(ids, since)) {
    counted.get(deployTokenId)?.set(day, uses);
  }
  return new Map(
    tokens.map(({ id, createdAt }) => [
      id,
      series(Math.max(since, dayOf(createdAt.getTime())), today, counted.get(id)),
    ]),
  );
}

/** With the days on which nothing was counted. */
function series(
  first: number,
  last: number,
  uses: ReadonlyMap<number, number> | undefined,
): DayUses[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
    day: startOfDay(first + index),
    uses: uses?.get(first + index) ?? 0,
  }));
}

/** Removes the days that are no longer kept. */
export async function removeOldDays(
  { store, now }: { readonly store: Pick<Store, 'write'>; readonly now: () => Date },
  stopping: AbortSignal,
): Promise<void> {
  const first = dayOf(now().getTime()) - DAYS_KEPT + 1;
  await inBatches(
    async (limit) =>
      await store.write(
        async ({ deployTokenDays }) => await deployTokenDays.removeBefore(first, limit),
      ),
    stopping,
  );
}
