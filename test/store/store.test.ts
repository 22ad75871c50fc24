import { sqliteSettings } from '../support/database.js';
import { describeStore } from './store-suite.js';

describeStore({
  name: 'SQLite',
  dialect: 'sqlite',
  create: async () => await Promise.resolve(sqliteSettings(':memory:')),
});
