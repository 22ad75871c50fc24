import { AppError } from '../access/errors.js';

/** Of each body, more than nearly all fetches send: large ones keep no small one out. */
const FREE_BYTES = 64 * 1024;

/** What one body takes of the memory that all of them share. */
export interface BodyShare {
  /** Throws `unavailable` when there is no more. */
  readonly take: (bytes: number) => void;
  readonly giveBack: () => void;
}

/** Bounds the bodies of fetches that are in memory until git reads them; `who` has half of it at most. */
export type BodyRoom = (who: string) => BodyShare;

export function createBodyRoom(total: number): BodyRoom {
  const takenBy = new Map<string, number>();
  let taken = 0;

  function add(who: string, bytes: number): void {
    taken += bytes;
    const own = (takenBy.get(who) ?? 0) + bytes;
    if (own > 0) {
      takenBy.set(who, own);
    } else {
      takenBy.delete(who);
    }
  }

  return (who) => {
    let size = 0;
    let counted = 0;
    return {
      take(bytes) {
        size += bytes;
        const more = Math.max(0, size - FREE_BYTES) - counted;
        if (taken + more > total || (takenBy.get(who) ?? 0) + more > total / 2) {
          throw new AppError('unavailable', 'Too many large fetches wait. Try again in a moment.');
        }
        counted += more;
        add(who, more);
      },
      giveBack() {
        add(who, -counted);
        counted = 0;
        size = 0;
      },
    };
  };
}
