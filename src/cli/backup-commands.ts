import { resolve } from 'node:path';
import type { Command } from 'commander';
import { makeBackup } from '../backup/backup.js';
import type { Places } from '../backup/places.js';
import { restoreBackup } from '../backup/restore.js';
import { readConfig } from '../config/load.js';
import { noticeRewind } from '../services/rewind.js';
import { readMark } from '../store/database-mark.js';
import { withStore, type CliContext } from './context.js';
import { printOne, type OutputOptions } from './output.js';

export function addBackupCommands(program: Command, context: CliContext): void {
  program
    .command('backup')
    .description('copy database, keys and repositories into a folder, and check the copy')
    .argument('<dir>', 'empty, or with an earlier backup, which the new one replaces')
    .option('--without-database', 'for a database on a server, which its own tools dump')
    .option('--json', 'print one JSON object')
    .action(
      async (dir: string, options: OutputOptions & { readonly withoutDatabase?: boolean }) => {
        const { progress } = context;
        const done = await makeBackup(await placesOf(context), resolve(dir), {
          withoutDatabase: options.withoutDatabase === true,
          now: context.now(),
          progress,
        });
        printOne(context, options, { ...done, folder: resolve(dir) });
      },
    );

  program
    .command('restore')
    .description(
      'put a backup back, while the service is stopped; what was there is kept beside it',
    )
    .argument('<dir>', 'of `pullgate backup`')
    .option('--json', 'print one JSON object')
    .action(async (dir: string, options: OutputOptions) => {
      const { progress } = context;
      const places = await placesOf(context);
      const { manifest, aside } = await restoreBackup(places, resolve(dir), {
        now: context.now(),
        progress,
      });
      printOne(context, options, { ...manifest, kept_as: aside });
      await tellUndone(context);
      if (manifest.database === 'none') {
        context.writeError('The backup holds no database: load its dump into an empty one.\n');
      }
    });
}

/** A database of an older version is looked at by the next start, once it is migrated. */
async function tellUndone(context: CliContext): Promise<void> {
  const rewind = await withStore(context, async ({ store, now }, { git, certs }) => {
    const { databaseId } = await store.instance.read();
    const mark = await readMark([git.root, certs.dir], databaseId);
    return await noticeRewind({ store, now }, mark);
  }).catch(() => null);
  if (rewind === null) {
    return;
  }
  context.writeError(
    `warning: the database is now behind ${rewind.from.toISOString()}: what was revoked, blocked or ` +
      'changed between the backup and then is undone.\n',
  );
  for (const { kind, id, name } of rewind.undone) {
    const what = kind === 'deploy_token' ? 'deploy token' : 'personal access token';
    context.writeError(`warning: ${what} ${id} (${name}) was revoked, and is active again\n`);
  }
}

async function placesOf(context: CliContext): Promise<Places> {
  const { database, certs, git, signing } = await readConfig(context);
  return {
    database: database.url,
    keys: { dir: certs.dir, algorithm: signing.algorithm, now: context.now },
    gitRoot: git.root,
    path: context.env['PATH'] ?? '',
  };
}
