import type { Store } from '../store/open-store.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** More than this between two looks at the clock, either way, and it jumped, or nobody was there to look. */
const JUMP_MS = DAY_MS;
/** Enough for somebody to notice, a long weekend included. */
const PROBATION_MS = 7 * DAY_MS;

export interface SteadyClockDeps {
  readonly store: Pick<Store, 'write'>;
  readonly now: () => Date;
}

/** Does work that removes by age, or gives false: by a clock that cannot be believed. */
export async function bySteadyClock(
  deps: SteadyClockDeps,
  work: () => Promise<void>,
): Promise<boolean> {
  const isSteady = await isClockSteady(deps);
  if (isSteady) {
    await work();
  }
  return isSteady;
}

/**
 * Whether the clock may say what is old enough to be removed for good: it has run without a jump for a
 * week. To be asked every hour or so. All processes on the database keep one record, so that a restart
 * forgets no jump, and clocks that disagree are not believed at all.
 */
async function isClockSteady({ store, now }: SteadyClockDeps): Promise<boolean> {
  const instant = now();
  return await store.write(async ({ clock }) => {
    const { steadySince, seenAt } = await clock.read();
    const jumped = seenAt === null || distance(seenAt, instant) > JUMP_MS;
    const since = steadySince === null || jumped ? instant : steadySince;
    await clock.keep({ steadySince: since, seenAt: instant });
    return instant.getTime() - since.getTime() >= PROBATION_MS;
  });
}

function distance(one: Date, other: Date): number {
  return Math.abs(one.getTime() - other.getTime());
}
