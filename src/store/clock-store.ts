import type { EntityManager } from 'typeorm';
import { ObservedClock } from './tables.js';

const THE_ROW = 1;

/** What the processes on this database have seen of their clocks; null before the first has looked. */
export interface ObservedClockState {
  /** Since when none of them has jumped. */
  readonly steadySince: Date | null;
  readonly seenAt: Date | null;
}

export interface ClockStore {
  read(): Promise<ObservedClockState>;
  keep(state: ObservedClockState): Promise<void>;
}

export function clockStore(manager: EntityManager): ClockStore {
  const rows = manager.getRepository(ObservedClock);
  return {
    async read() {
      const { steadySince, seenAt } = await rows.findOneByOrFail({ id: THE_ROW });
      return { steadySince, seenAt };
    },
    async keep(state) {
      await rows.update(THE_ROW, state);
    },
  };
}
