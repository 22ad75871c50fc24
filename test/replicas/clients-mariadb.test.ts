import { describeAnsible } from '../api/ansible-suite.js';
import { describeSecretClients } from '../api/secret-clients-suite.js';
import { describeTerraform } from '../api/terraform-suite.js';
import { startDatabase, type DatabaseServer } from '../support/database-server.js';
import type { TestAppOptions } from '../support/start-app.js';
import { withApp } from '../support/with-app.js';

describe('clients of GitLab, on MySQL', () => {
  let server: DatabaseServer;

  before(async () => {
    server = await startDatabase();
  });

  after(async () => {
    await server?.stop();
  });

  async function onMysql(): Promise<TestAppOptions> {
    return { env: { PULLGATE_DATABASE_URL: await server.createDatabase() } };
  }

  describeTerraform(withApp(onMysql));
  describeAnsible(withApp(onMysql));
  describeSecretClients(withApp(onMysql));
});
