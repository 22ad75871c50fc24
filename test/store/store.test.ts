import { sqliteSettings } from '../support/database.js';
import { describeStore } from './store-suite.js';

describeStore({
  name: 'SQLite',
  create: async () => await Promise.resolve(sqliteSettings(':memory:')),
});
