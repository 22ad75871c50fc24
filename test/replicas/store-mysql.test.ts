import { describeStore } from '../store/store-suite.js';
import { CONTRARY, settingsFor } from '../support/database.js';
import { startDatabase, type DatabaseServer } from '../support/database-server.js';
let server: DatabaseServer;
before(async function start() {
  this.timeout(60_000);
  server = await startDatabase(CONTRARY);
});
after(async function stop() {
  await server.stop();
});
describeStore({
  name: 'MySQL',
  dialect: 'mysql',
  create: async () => settingsFor(await server.createDatabase()),
});
