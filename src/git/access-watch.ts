import { AppError } from '../access/errors.js';

/** How soon a transfer ends whose caller has lost access. */
const LOOK_AGAIN_MS = 2000;

export interface AccessWatch {
  /** Why it was ended; null when it was not. */
  readonly refusal: () => AppError | null;
  readonly stop: () => void;
}

/** Ends a transfer when its caller loses access meanwhile. A database that is away is no refusal. */
export function watchAccess(requireAccess: () => Promise<void>, end: () => void): AccessWatch {
  let refusal: AppError | null = null;
  async function look(): Promise<void> {
    try {
      await requireAccess();
      timer.refresh();
    } catch (error) {
      if (error instanceof AppError && error.code !== 'unavailable') {
        refusal = error;
        end();
      } else {
        timer.refresh();
      }
    }
  }
  const timer = setTimeout(() => void look(), LOOK_AGAIN_MS);
  return {
    refusal: () => refusal,
    stop() {
      clearTimeout(timer);
    },
  };
}
