import { describeHidden } from '../evidence/hidden-suite.js';
import { startMariadb } from '../support/database.js';

describeHidden('MariaDB', async () => {
  const server = await startMariadb();
  return { env: { PULLGATE_DATABASE_URL: await server.createDatabase() }, stop: server.stop };
});
