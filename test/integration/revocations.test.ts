import { sqliteSettings } from '../support/database.js';
import { describeRevocations } from '../store/revocation-suite.js';

// Some thousand interrupted requests: too many for the inner loop.
describeRevocations({
  name: 'SQLite',
  create: async () => await Promise.resolve(sqliteSettings(':memory:')),
});
