import { join } from 'node:path';
import { sqliteSettings } from '../support/database.js';
import { temporaryFolder, type TemporaryFolder } from '../support/run.js';
import { describeSchemaVersion } from './schema-version.js';

let folder: TemporaryFolder;
let files = 0;

before(async () => {
  folder = await temporaryFolder('pullgate-schema');
});

after(async () => {
  await folder.remove();
});

describeSchemaVersion('SQLite', async () => {
  files += 1;
  return await Promise.resolve(sqliteSettings(join(folder.path, `${files}.db`)));
});
