import { join } from 'node:path';
import type { DatabaseSettings } from '../../src/store/databases.js';
import { sqliteSettings } from '../support/database.js';
import { temporaryFolder, type TemporaryFolder } from '../support/run.js';
import { describeFrozenSchema } from './frozen-schema.js';
import { describeSchemaVersion } from './schema-version.js';
import { describeUpgradeOfPermissions } from './upgrade-permissions.js';
import { describeUpgrade } from './upgrade.js';

let folder: TemporaryFolder;
let files = 0;

before(async () => {
  folder = await temporaryFolder('pullgate-schema');
});

after(async () => {
  await folder.remove();
});

async function create(): Promise<DatabaseSettings> {
  files += 1;
  return await Promise.resolve(sqliteSettings(join(folder.path, `${files}.db`)));
}

describeSchemaVersion('SQLite', create);
describeUpgrade('SQLite', create);
describeUpgradeOfPermissions('SQLite', create);

describe('migrations', () => {
  describeFrozenSchema('SQLite', { file: 'schema-sqlite.sql', create });
});
