import { Initial1700000000001 } from './0001-initial.js';
import { Web1700000000002 } from './0002-web.js';
import { BinaryText1700000000003 } from './0003-binary-text.js';
import { DeployTokenUses1700000000004 } from './0004-deploy-token-uses.js';
import { AuditEvents1700000000005 } from './0005-audit-events.js';
import { DeployTokensByState1700000000010 } from './0010-deploy-tokens-by-state.js';
import { SessionsByLastSeen1700000000011 } from './0011-sessions-by-last-seen.js';
import { DeployTokenDays1700000000012 } from './0012-deploy-token-days.js';
import { AuditEventsByFilter1700000000013 } from './0013-audit-events-by-filter.js';
import { Namespaces1700000000014 } from './0014-namespaces.js';
import { RegistryInventory1700000000015 } from './0015-registry-inventory.js';
import { NamespaceDetails1700000000017 } from './0017-namespace-details.js';
import { AuditEventsByPlace1700000000019 } from './0019-audit-events-by-place.js';
import { Invitations1700000000020 } from './0020-invitations.js';
import { RemovedUsers1700000000021 } from './0021-removed-users.js';
import { ApiDetails1700000000022 } from './0022-api-details.js';
import { ProjectsByVisibility1700000000023 } from './0023-projects-by-visibility.js';
import { ObservedClock1700000000025 } from './0025-observed-clock.js';
import { DeployTokenUseFaults1700000000026 } from './0026-deploy-token-use-faults.js';
import { Instance1700000000027 } from './0027-instance.js';
import { AccessTokenUses1700000000029 } from './0029-access-token-uses.js';
import { LfsStorage1700000000030 } from './0030-lfs-storage.js';
import { Denials1700000000031 } from './0031-denials.js';

/** In the order in which they run. */
export const MIGRATIONS = [
  Initial1700000000001,
  Web1700000000002,
  BinaryText1700000000003,
  DeployTokenUses1700000000004,
  AuditEvents1700000000005,
  DeployTokensByState1700000000010,
  SessionsByLastSeen1700000000011,
  DeployTokenDays1700000000012,
  AuditEventsByFilter1700000000013,
  Namespaces1700000000014,
  RegistryInventory1700000000015,
  NamespaceDetails1700000000017,
  AuditEventsByPlace1700000000019,
  Invitations1700000000020,
  RemovedUsers1700000000021,
  ApiDetails1700000000022,
  ProjectsByVisibility1700000000023,
  ObservedClock1700000000025,
  DeployTokenUseFaults1700000000026,
  Instance1700000000027,
  AccessTokenUses1700000000029,
  LfsStorage1700000000030,
  Denials1700000000031,
];
