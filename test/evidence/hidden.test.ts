import { describeHidden } from './hidden-suite.js';

describeHidden('SQLite', async () => ({ env: {}, stop: async () => {} }));
