import type { DeployToken, DeployTokenUse } from '../../../access/deploy-token.js';
import type { Page } from '../../../access/page.js';
import type { Project } from '../../../access/project.js';
import type { Errors } from '../../form-errors.js';
import type { SignedInVisit } from '../../visit.js';

export interface DeployTokenList {
  readonly tokens: Page<DeployToken>;
  /** User id to username, of those who created and revoked them. */
  readonly names: ReadonlyMap<number, string>;
  /** By token id; those never used are not in it. */
  readonly uses: ReadonlyMap<number, DeployTokenUse>;
  readonly showsInactive: boolean;
  readonly activeCount: number | null;
  readonly inactiveCount: number | null;
}

export interface SectionProps {
  readonly visit: SignedInVisit;
  readonly project: Project;
  readonly errors: Errors;
  readonly nonce: string;
  readonly now: Date;
  readonly list: DeployTokenList;
}
