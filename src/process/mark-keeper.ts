import type { Config } from '../config/schema.js';
import type { Log } from '../log.js';
import { markSince, noticeRewind } from '../services/rewind.js';
import { readMark, writeMark } from '../store/database-mark.js';
import type { Store } from '../store/open-store.js';

export interface MarkKeeper {
  /** Writes how far the database has come, if it has. */
  readonly keep: () => Promise<void>;
}

export interface MarkDeps {
  readonly config: Config;
  readonly store: Store;
  readonly now: () => Date;
}

/** Beside the database and not in it: what is put back with it would say what it says. */
export function markKeeper({ config, store }: MarkDeps): MarkKeeper {
  let writes: number | null = null;
  return {
    async keep() {
      const mark = await markSince(store, writes);
      if (mark !== null) {
        await writeMark(foldersOf(config), mark);
        writes = mark.writes;
      }
    },
  };
}

/** Warns of a database that was put back to an earlier time. */
export async function warnOfRewind({
  log,
  ...deps
}: MarkDeps & { readonly log: Log }): Promise<void> {
  const { databaseId } = await deps.store.instance.read();
  const mark = await readMark(foldersOf(deps.config), databaseId);
  const rewind = await noticeRewind(deps, mark);
  if (rewind !== null) {
    log.warn(
      {
        from: rewind.from,
        activeAgain: rewind.undone.map(({ kind, id, name }) => ({ kind, id, name })),
      },
      'the database is from an earlier time: what was revoked, blocked or changed since then is undone',
    );
  }
}

function foldersOf({ git, certs }: Config): string[] {
  return [git.root, certs.dir];
}
