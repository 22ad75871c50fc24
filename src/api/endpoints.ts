import { accessTokenEndpoints } from './access-tokens.js';
import { deployTokenEndpoints } from './deploy-tokens.js';
import { auditEventEndpoints } from './audit-events.js';
import { denialEndpoints } from './denials.js';
import type { Endpoint } from './endpoint.js';
import { explainEndpoints } from './explain.js';
import { groupEndpoints } from './groups.js';
import { memberEndpoints } from './members.js';
import { projectEndpoints } from './projects.js';
import { userProjectEndpoints } from './user-projects.js';
import { userEndpoints } from './users.js';
import { versionEndpoints } from './version.js';

/** All but the description of them all. Of two that match an address, the first one answers. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...versionEndpoints,
  ...deployTokenEndpoints,
  ...projectEndpoints,
  ...groupEndpoints,
  ...memberEndpoints,
  ...userEndpoints,
  ...userProjectEndpoints,
  ...accessTokenEndpoints,
  ...auditEventEndpoints,
  ...denialEndpoints,
  ...explainEndpoints,
];
