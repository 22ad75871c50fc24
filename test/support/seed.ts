/** Fills the database and the repositories that the environment names, for `npm run dev`. */

import { loadConfig } from '../../src/config/load.js';
import { openRepositories } from '../../src/repositories/repositories.js';
import { openCurrentStore } from '../../src/store/open-store.js';
import { fillShowcase } from './showcase.js';

const { config } = await loadConfig(process.env);
const { store } = await openCurrentStore(config.database, { migrate: true });
try {
  const repositories = openRepositories(config.git.root, process.env['PATH'] ?? '');
  await fillShowcase({ store, repositories }, new Date());
} finally {
  await store.close();
}
