import { startMariadb, settingsFor, type DatabaseServer } from '../support/database.js';
import { describeStore } from '../store/store-suite.js';

let server: DatabaseServer;
before(async function start() {
  this.timeout(60_000);
  server = await startMariadb();
});
after(async function stop() {
  await server.stop();
});
describeStore({
  name: 'MySQL',
  dialect: 'mysql',
  create: async () => settingsFor(await server.createDatabase()),
});
