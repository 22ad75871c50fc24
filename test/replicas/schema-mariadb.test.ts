import { describeFrozenSchema } from '../store/frozen-schema.js';
import { settingsFor, startMariadb, type OwnDatabaseServer } from '../support/database.js';

describe('migrations', () => {
  let server: OwnDatabaseServer;

  before(async () => {
    // Whatever the defaults of its version are.
    server = await startMariadb({
      flags: ['--character-set-server=latin1', '--collation-server=latin1_swedish_ci'],
    });
  });

  after(async () => {
    await server?.stop();
  });

  describeFrozenSchema('MariaDB', {
    file: 'schema-mariadb.sql',
    create: async () => settingsFor(await server.createDatabase()),
  });
});
