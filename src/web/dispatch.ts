/** Which page answers which address, and what has to be true before it does. */

import { AppError } from '../access/errors.js';
import { decidePage, isOpenPage, type PagesFor } from '../access/page-access.js';
import type { Project } from '../access/project.js';
import { endSession } from '../services/sessions.js';
import { findVisibleProject } from '../services/projects.js';
import type { Address } from './address.js';
import { auditPage, projectAuditPage } from './pages/audit.js';
import { deployTokensPage } from './pages/deploy-tokens.js';
import { NOT_FOUND } from './pages/error.js';
import { generalPage } from './pages/general.js';
import { homePage } from './pages/home.js';
import { membersPage } from './pages/members.js';
import { newProjectPage } from './pages/new-project.js';
import { profilePage } from './pages/profile.js';
import { projectPage } from './pages/project.js';
import { revokePage } from './pages/revoke.js';
import { setupPage } from './pages/setup.js';
import { signInPage, signInToGoOn } from './pages/sign-in.js';
import { usersPage } from './pages/users.js';
import { redirect, type Answer, type SignedInVisit, type Visit, type WebDeps } from './visit.js';

type OpenAddress = Extract<Address, { page: PagesFor<'anybody'> }>;
type SettingsAddress = Extract<Address, { page: PagesFor<'maintainers'> }>;
type SignedInAddress = Exclude<Address, OpenAddress | SettingsAddress>;

/** Throws an AppError for what has no page, or none for this visitor. */
export async function answerVisit(deps: WebDeps, address: Address, visit: Visit): Promise<Answer> {
  if (isOpen(address)) {
    return await answerOpen(deps, address, visit);
  }
  if (visit.session === null) {
    return askToSignIn(visit);
  }
  if ('projectPath' in address) {
    return await answerSettings(deps, address, visit);
  }
  if (decidePage(visit.actor, address.page, null) !== null) {
    throw new AppError('forbidden', 'Only administrators may see this.');
  }
  return await answerSignedIn(deps, address, visit);
}

function isOpen(address: Address): address is OpenAddress {
  return isOpenPage(address.page);
}

async function answerOpen(deps: WebDeps, address: OpenAddress, visit: Visit): Promise<Answer> {
  switch (address.page) {
    case 'home':
      return await homePage(deps, visit);
    case 'sign-in':
      return await signInPage(deps, visit);
    case 'setup':
      return await setupPage(deps, visit, address.link);
    case 'project':
      return await projectPage(deps, visit, await visibleProject(deps, visit, address.projectPath));
  }
}

async function answerSignedIn(
  deps: WebDeps,
  address: SignedInAddress,
  visit: SignedInVisit,
): Promise<Answer> {
  switch (address.page) {
    case 'sign-out':
      return await signOut(deps, visit);
    case 'new-project':
      return await newProjectPage(deps, visit);
    case 'users':
      return await usersPage(deps, visit);
    case 'audit-all':
      return await auditPage(deps, visit);
    case 'profile':
      return await profilePage(deps, visit);
  }
}

async function answerSettings(
  deps: WebDeps,
  address: SettingsAddress,
  visit: SignedInVisit,
): Promise<Answer> {
  const project = await visibleProject(deps, visit, address.projectPath);
  if (decidePage(visit.actor, address.page, project) !== null) {
    throw new AppError(
      'forbidden',
      `Only maintainers of ${project.path} see its settings. Ask one of them, or an administrator.`,
    );
  }
  switch (address.page) {
    case 'repository':
      return await deployTokensPage(deps, visit, project);
    case 'members':
      return await membersPage(deps, visit, project);
    case 'general':
      return await generalPage(deps, visit, project);
    case 'audit':
      return await projectAuditPage(deps, visit, project);
    case 'revoke':
      return await revokePage(deps, visit, project, address.tokenId);
  }
}

async function visibleProject(deps: WebDeps, visit: Visit, path: string): Promise<Project> {
  const project = await findVisibleProject(deps, visit.actor, path);
  if (project === null) {
    throw new AppError('not_found', NOT_FOUND);
  }
  return project;
}

/** The same for an address that exists and for one that does not. */
function askToSignIn(visit: Visit): Answer {
  return visit.method === 'POST'
    ? signInToGoOn(visit)
    : redirect(`/users/sign_in?return_to=${encodeURIComponent(visit.url)}`);
}

async function signOut(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  if (visit.method === 'GET') {
    return redirect('/');
  }
  await endSession(deps, visit.actor, visit.session.id);
  return { kind: 'signed-out' };
}
