import type { Config } from '../config/schema.js';
import type { Slots } from '../git/slots.js';
import type { KeyRing } from '../keys/key-ring.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import type { LfsObjects } from '../repositories/lfs-objects.js';
import type { Repositories } from '../repositories/repositories.js';
import type { CredentialLimits } from '../services/credential-limits.js';
import type { Passwords } from '../services/passwords.js';
import type { Store } from '../store/open-store.js';
import type { MarkKeeper } from './mark-keeper.js';
import type { ReadinessWatch } from './readiness.js';

/** What was opened, and what it was opened with. */
export interface Parts {
  readonly config: Config;
  readonly store: Store;
  readonly repositories: Repositories;
  readonly gitSlots: Slots;
  readonly lfsObjects: LfsObjects;
  /** Of objects that are sent and received. */
  readonly lfsSlots: Slots;
  readonly keys: KeyRing;
  readonly passwords: Passwords;
  readonly limits: CredentialLimits;
  readonly readiness: ReadinessWatch;
  readonly mark: MarkKeeper;
  /** At the start; there come no more of them. */
  readonly hasDeepProjects: boolean;
  /** Null when nothing is measured. */
  readonly metrics: Metrics | null;
  readonly log: Log;
  readonly now: () => Date;
  /** The PATH to find git on. */
  readonly path: string;
}
