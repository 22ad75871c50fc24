import { DatabaseAway } from '../database-errors.js';

/**
 * What the work gives, or DatabaseAway when that takes too long. A result that comes all the same, later,
 * goes to `late`.
 */
export async function within<T>(
  work: Promise<T>,
  { milliseconds, late }: { milliseconds: number; late?: (result: T) => void },
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let reading: NodeJS.Immediate | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(
      () => {
        // This process may have been held up itself: what lies in its sockets is read first.
        reading = setImmediate(resolve, null);
      },
      Math.max(0, milliseconds),
    );
  });
  try {
    const outcome = await Promise.race([work.then((result) => ({ result })), tooLate]);
    if (outcome !== null) {
      return outcome.result;
    }
  } finally {
    clearTimeout(timer);
    clearImmediate(reading);
  }
  work.then(late, () => null);
  throw new DatabaseAway(`no answer within ${Math.round(milliseconds)} ms`);
}
