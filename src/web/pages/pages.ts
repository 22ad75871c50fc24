/** Which page answers which address, and what has to be true before it does. */

import { AppError } from '../../access/errors.js';
import { decidePage, isOpenPage, isSettingsPage, type PagesFor } from '../../access/page-access.js';
import type { Project } from '../../access/project.js';
import { findVisibleProject } from '../../services/projects.js';
import { ADDRESSES, type Address } from '../addresses.js';
import { NOT_FOUND } from '../error-page.js';
import { redirect, type Answer, type SignedInVisit, type Visit, type WebDeps } from '../visit.js';
import { allAuditCsv, projectAuditCsv } from './audit/csv.js';
import { auditPage, projectAuditPage } from './audit/page.js';
import { deployTokenPage } from './deploy-token/page.js';
import { generalPage } from './general/page.js';
import { homePage } from './home/page.js';
import { membersPage } from './members/page.js';
import { newDeployTokenPage } from './new-deploy-token/page.js';
import { newProjectPage } from './new-project/page.js';
import { profilePage } from './profile/page.js';
import { projectPage } from './project/page.js';
import { deployTokensPage } from './repository/page.js';
import { revokePage } from './revoke/page.js';
import { setupPage } from './setup/page.js';
import { signInPage, signInToGoOn } from './sign-in/page.js';
import { signOutPage } from './sign-out/page.js';
import { usersPage } from './users/page.js';

type SettingsPage = (
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
  address: Address,
) => Promise<Answer>;

const OPEN: Readonly<
  Record<PagesFor<'anybody'>, (deps: WebDeps, visit: Visit, address: Address) => Promise<Answer>>
> = {
  home: homePage,
  'sign-in': signInPage,
  setup: setupPage,
  async project(deps, visit, address) {
    return await projectPage(deps, visit, await visibleProject(deps, visit, address));
  },
};

const SIGNED_IN: Readonly<
  Record<
    PagesFor<'signedIn' | 'administrators'>,
    (deps: WebDeps, visit: SignedInVisit) => Promise<Answer>
  >
> = {
  'sign-out': signOutPage,
  'new-project': newProjectPage,
  profile: profilePage,
  users: usersPage,
  'audit-all': auditPage,
  'audit-all-csv': allAuditCsv,
};

const SETTINGS: Readonly<Record<PagesFor<'maintainers'>, SettingsPage>> = {
  repository: deployTokensPage,
  'new-deploy-token': newDeployTokenPage,
  'deploy-token': deployTokenPage,
  revoke: revokePage,
  members: membersPage,
  general: generalPage,
  audit: projectAuditPage,
  'audit-csv': projectAuditCsv,
};

/** Throws an AppError for what has no page, or none for this visitor. */
export async function answerVisit(deps: WebDeps, address: Address, visit: Visit): Promise<Answer> {
  const { page } = address;
  if (isOpenPage(page)) {
    return await OPEN[page](deps, visit, address);
  }
  if (visit.session === null) {
    return askToSignIn(visit);
  }
  if (isSettingsPage(page)) {
    const project = await visibleProject(deps, visit, address);
    requirePage(
      visit,
      address,
      project,
      `Only maintainers of ${project.path} see its settings. Ask one of them, or an administrator.`,
    );
    return await SETTINGS[page](deps, visit, project, address);
  }
  requirePage(visit, address, null, 'Only administrators may see this.');
  return await SIGNED_IN[page](deps, visit);
}

function requirePage(
  { actor }: SignedInVisit,
  { page }: Address,
  project: Project | null,
  refusal: string,
): void {
  if (decidePage(actor, page, project) !== null) {
    throw new AppError('forbidden', refusal);
  }
}

async function visibleProject(
  deps: WebDeps,
  { actor }: Visit,
  { project: path }: Address,
): Promise<Project> {
  const project = path === null ? null : await findVisibleProject(deps, actor, path);
  if (project === null) {
    throw new AppError('not_found', NOT_FOUND);
  }
  return project;
}

/** The same for an address that exists and for one that does not. */
function askToSignIn(visit: Visit): Answer {
  return visit.method === 'POST'
    ? signInToGoOn(visit)
    : redirect(`${ADDRESSES['sign-in'].path}?return_to=${encodeURIComponent(visit.url)}`);
}
