import { withApp } from '../support/with-app.js';
import { describeAnsible } from './ansible-suite.js';
import { describeSecretClients } from './secret-clients-suite.js';
import { describeTerraform } from './terraform-suite.js';

describe('clients of GitLab, on SQLite', () => {
  describeTerraform(withApp());
  describeAnsible(withApp());
  describeSecretClients(withApp());
});
