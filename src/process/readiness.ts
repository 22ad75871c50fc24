import { setTimeout as pause } from 'node:timers/promises';
import type { Readiness } from '../http/health-routes.js';

/** A database that accepts connections and never answers counts as away after this long. */
const CHECK_TIMEOUT_MS = 1000;

export interface ReadinessDeps {
  /** Throws when the database does not answer. */
  readonly pingDatabase: () => Promise<void>;
  /** Why the registry would refuse our JWTs; null when it would not. Throws when nobody knows. */
  readonly caProblem: () => Promise<string | null>;
  /** Why nothing can be cloned; null when it can. */
  readonly gitProblem: () => Promise<string | null>;
  /** Why the last write failed; null when it did not. */
  readonly writeProblem: () => string | null;
}

export interface ReadinessWatch {
  readonly current: () => Readiness;
  /** Takes a second at most, whatever hangs. */
  readonly check: () => Promise<void>;
}

/** Remembers what the last check found, so that whoever asks waits for nothing. */
export function watchReadiness({
  pingDatabase,
  caProblem,
  gitProblem,
  writeProblem,
}: ReadinessDeps): ReadinessWatch {
  let checked: Omit<Readiness, 'writes'> = {
    database: 'is not checked yet',
    keys: null,
    git: null,
  };
  return {
    current: () => ({ ...checked, writes: writeProblem() }),
    async check() {
      const [database, keys, git] = await Promise.all([
        inTime(problemOf(pingDatabase), 'does not answer'),
        // Without the database, what was known of the CA is still the best guess.
        inTime(
          caProblem().catch(() => checked.keys),
          checked.keys,
        ),
        // It looks for a file: on a busy disk, what was known of git is still the best guess.
        inTime(gitProblem(), checked.git),
      ]);
      checked = { database, keys, git };
    },
  };
}

async function problemOf(ping: () => Promise<void>): Promise<string | null> {
  try {
    await ping();
    return null;
  } catch {
    return 'does not answer';
  }
}

async function inTime<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  const answered = new AbortController();
  const timeout = pause(CHECK_TIMEOUT_MS, otherwise, { signal: answered.signal });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    answered.abort();
  }
}
