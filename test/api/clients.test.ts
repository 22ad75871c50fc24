import { withApp } from '../support/with-app.js';
import { describeTerraform } from './terraform-suite.js';

describe('clients of GitLab, on SQLite', () => {
  describeTerraform(withApp());
});
