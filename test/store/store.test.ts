import { sqliteSettings } from '../support/database.js';
import { describeDenials } from './denial-suite.js';
import { describeCompanions } from './companions-suite.js';
import { describeDeployTokenOverview } from './deploy-token-overview.js';
import { describeLfs } from './lfs-suite.js';
import { describeListPlans } from './list-plans.js';
import { describeRegistryWalk } from './registry-walk-suite.js';
import { describeSteadyClock } from './steady-clock-suite.js';
import { describeStore, type TestedDatabase } from './store-suite.js';

const SQLITE: TestedDatabase = {
  name: 'SQLite',
  create: async () => await Promise.resolve(sqliteSettings(':memory:')),
};

describeStore(SQLITE);
describeListPlans(SQLITE);
describeDeployTokenOverview(SQLITE);
describeCompanions(SQLITE);
describeRegistryWalk(SQLITE);
describeDenials(SQLITE);
describeLfs(SQLITE);
describeSteadyClock(SQLITE);
